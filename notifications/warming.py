"""Read by a worker before it forks (CELERY_IMPORTS): no notice waits for modules to load."""

from notifications import engine
from notifications.channels.installed import channel_names
from notifications.channels.ports import channel_module

LOADED = (engine, *map(channel_module, channel_names()))
