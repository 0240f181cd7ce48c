"""A real PostgreSQL and a real broker of the portal's own, for the demo, the tests and development.

Nothing in here imports Django: the servers must run before the settings are read.
"""
