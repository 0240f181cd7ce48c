"""When which task runs by itself. Plain numbers are seconds; the clock is UTC."""

from __future__ import annotations

from celery.schedules import crontab

TIMETABLE: dict[str, dict[str, object]] = {
    "sweep-deliveries": {"task": "notifications.tasks.sweep", "schedule": 10.0},
    "sweep-notices": {"task": "crises.tasks.sweep_notices", "schedule": 10.0},
    "send-waiting-proofs": {"task": "crises.tasks.send_waiting_proofs", "schedule": 300.0},
    "seal-ledger": {"task": "audit.tasks.seal_ledger", "schedule": 60.0},
    "watch-ledger": {"task": "oversight.tasks.watch_ledger", "schedule": 60.0},
    "watch-sending": {"task": "oversight.tasks.watch_sending", "schedule": 30.0},
    "verify-new-seals": {
        "task": "oversight.tasks.verify_new_seals",
        "schedule": crontab(minute="15"),
    },
    "verify-whole-ledger": {
        "task": "oversight.tasks.verify_whole_ledger",
        "schedule": crontab(hour="2", minute="40"),
    },
    # Just after midnight, and again each hour in case the portal was away then.
    "publish-heads": {"task": "oversight.tasks.publish_heads", "schedule": crontab(minute="5")},
    "ship-journal": {"task": "audit.tasks.ship_journal", "schedule": 60.0},
    "erase-drafts": {"task": "registrations.tasks.erase_expired_drafts", "schedule": 3600.0},
    # By the clock: a scheduler that restarts every day would never reach a day's interval.
    "erase-ended-sessions": {
        "task": "accounts.tasks.erase_ended_sessions",
        "schedule": crontab(minute="35"),
    },
    "run-retention": {
        "task": "registrations.tasks.run_retention",
        "schedule": crontab(hour="3", minute="20"),
    },
    # What a killed worker left undone, or a step that failed; otherwise it does nothing.
    "resume-retention": {
        "task": "registrations.tasks.resume_retention",
        "schedule": crontab(minute="50"),
    },
    # When most of the world is awake: seven in Mexico, nine in the evening in Manila.
    "announce-advice": {
        "task": "advisories.tasks.announce_digest",
        "schedule": crontab(hour="13", minute="0"),
    },
    # Who listed someone to call at home has just left the page: they are told within the minute.
    "tell-families": {"task": "registrations.tasks.tell_families", "schedule": 60.0},
    # What the page that asked for it could not wait for, and what a worker died over.
    "send-invitations": {"task": "registrations.tasks.send_invitations", "schedule": 60.0},
    "ring-uploads": {"task": "registrations.tasks.ring_uploads", "schedule": 30.0},
    "erase-group-leftovers": {
        "task": "registrations.tasks.erase_group_leftovers",
        "schedule": crontab(minute="25"),
    },
    # Each hour for the places where it is day, so that nobody is woken by a reminder.
    "remind": {"task": "registrations.tasks.remind", "schedule": crontab(minute="10")},
}
