"""Pytest plugin, loaded before Django's settings: names the servers that the tests run on."""

import os

os.environ.setdefault("PORTAL_MODE", "test")
