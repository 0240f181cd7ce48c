"""The channels, a folder each. What a folder must hold, ports.py says."""
