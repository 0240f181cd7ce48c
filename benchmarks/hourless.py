"""The portal's Celery application without what comes by the clock, for a scheduler.

A reminder that is due at ten past the hour would be counted among what a measurement has sent.
"""

from __future__ import annotations

from celery.schedules import crontab

from micic_portal.celery import app

app.conf.beat_schedule = {
    name: entry
    for name, entry in app.conf.beat_schedule.items()
    if not isinstance(entry["schedule"], crontab)
}
