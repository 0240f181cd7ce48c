"""The settings of the tests: servers are provided first, then the portal's own settings are read."""

from tests import servers

servers.provide_for_tests()

from micic_portal.settings import *  # noqa: E402, F403
