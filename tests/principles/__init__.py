"""IOM's thirteen data protection principles: what each demands here, and what would break it.

Each file is the proof of one principle, for a reader who wants to see it kept. The corners and
races of each protection are tested where it lives, in tests/integration.
"""
