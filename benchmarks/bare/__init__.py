"""The peer of bench-registration: what Django alone needs to keep one form."""
