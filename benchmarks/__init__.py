"""Measurements against a peer in the same run; see benchmarks/README.md."""
