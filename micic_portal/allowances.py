"""How often something may be done before it is refused, or before somebody is told."""

from __future__ import annotations

from micic_portal.environment import env_int

__all__ = ["ALARM_LIMITS", "REGISTRATION_LIMITS"]

# How many codes may be sent to prove an address (see registrations/limits.py).
REGISTRATION_LIMITS = {
    "codes_per_contact_hour": env_int("CODES_PER_CONTACT_HOUR", 5),
    "codes_per_draft_hour": env_int("CODES_PER_DRAFT_HOUR", 10),
    "codes_per_network_hour": env_int("CODES_PER_NETWORK_HOUR", 600),
    "codes_per_prefix_hour": env_int("CODES_PER_PREFIX_HOUR", 60),
    "sms_codes_per_day": env_int("SMS_CODES_PER_DAY", 5000),
    "groups_per_organiser_day": env_int("GROUPS_PER_ORGANISER_DAY", 5),
    "uploads_per_group_hour": env_int("UPLOADS_PER_GROUP_HOUR", 10),
}

# What one officer may read before the data protection officer is told (see docs/oversight.md).
ALARM_LIMITS = {
    "reads_per_hour": env_int("BULK_READS_PER_HOUR", 40),
    "reads_per_day": env_int("BULK_READS_PER_DAY", 150),
    "calm_reads_per_day": env_int("CALM_READS_PER_DAY", 25),
    "comparisons_per_day": env_int("COMPARISONS_PER_DAY", 100),
    "small_areas_per_day": env_int("SMALL_AREAS_PER_DAY", 5),
}
