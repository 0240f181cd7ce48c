"""The settings of the tests: the servers are provided first, then the portal's own are read."""

from tests import servers

servers.provide_for_tests()

from micic_portal.settings import *  # noqa: E402, F403
