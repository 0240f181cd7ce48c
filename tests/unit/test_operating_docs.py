"""What docs/operating.md and its alert rules speak of is what the portal tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from micic_portal import metrics
from notifications.watching.enums import Heart
from notifications.watching.heartbeats import SILENT_AFTER

DOCS = Path(settings.BASE_DIR) / "docs"
NAME = re.compile(r"portal_[a-z_]+")


def told() -> set[str]:
    """Every metric's name; a counter's as it is scraped."""
    source = Path(metrics.__file__).read_text(encoding="utf-8")
    found = re.findall(r'(Gauge|Counter)MetricFamily\(\s*"(portal_[a-z_]+)"', source)
    return {name + ("_total" if kind == "Counter" else "") for kind, name in found}


def rules() -> list[dict[str, Any]]:
    text = (DOCS / "prometheus-rules.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def test_every_metric_is_explained_and_none_is_invented():
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    assert len(told()) > 10
    assert set(NAME.findall(text)) == told()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_the_rules_ask_for_what_there_is(rule):
    assert set(NAME.findall(rule["expr"])) <= told()
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]


def test_the_rules_wait_as_long_as_the_portal_does():
    asked = {rule["alert"]: rule["expr"] for rule in rules()}
    assert f"> {SILENT_AFTER[Heart.SCHEDULER]:.0f}" in asked["PortalSchedulerSilent"]
    assert f"> {SILENT_AFTER[Heart.WORKER]:.0f}" in asked["PortalWorkersSilent"]
