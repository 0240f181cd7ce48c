"""Names the servers that the tests run on, before the settings are read."""

import os


def provide_for_tests() -> None:
    os.environ.setdefault("PORTAL_MODE", "test")
