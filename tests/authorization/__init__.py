"""Walks every route as everybody, and holds what it sees against docs/authorization.md."""
