"""Four attackers against a running portal; each is to come back empty."""
