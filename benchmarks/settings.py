"""The portal's own settings, with the bare peer installed beside it."""

from micic_portal.settings import *  # noqa: F403
from micic_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.bare"]
ROOT_URLCONF = "benchmarks.urls"
