"""The real files, read in full: every fact and every part, held against what was read before.

Where a change is meant, `golden_alerts.write()` writes them again.
"""

from __future__ import annotations

import json

import pytest

from tests.factories.golden_alerts import FILES, as_read, golden_of


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_read_as_before(name):
    assert as_read(name) == json.loads(golden_of(name).read_text())
