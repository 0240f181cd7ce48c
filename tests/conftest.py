"""What every test stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sinks import sinks, sinks_process  # noqa: F401
from tests.strict_templates import strict_templates


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> Iterator[None]:
    with strict_templates():
        yield
