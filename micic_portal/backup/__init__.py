"""Encrypted backups of the whole database, and putting one back into an empty installation."""
