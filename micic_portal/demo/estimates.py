"""The demo's estimates of how many citizens are in a country: invented, and they say so."""

from __future__ import annotations

from pathlib import Path

from audit.actors import Actor
from registrations.actions.estimates import load_estimates
from registrations.estimate_files import read_estimates
from registrations.models import CitizenEstimate

DATA_FILE = Path(__file__).with_suffix(".csv")


def ensure_demo_estimates() -> None:
    """Load the invented estimates, once."""
    if not CitizenEstimate.objects.exists():
        load_estimates(estimates=read_estimates(DATA_FILE.read_bytes()), by=Actor.system("demo"))
