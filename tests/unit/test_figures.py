"""The README's figures are those of benchmarks/results, and no others."""

from __future__ import annotations

import pytest

from benchmarks.figures import BEGIN, END, README, renewed, table
from benchmarks.results import write


def test_the_readme_says_what_was_measured():
    readme = README.read_text(encoding="utf-8")
    assert renewed(readme, table()) == readme, "run: make figures"


def test_a_missed_figure_is_called_missed(tmp_path):
    write("freeze", {"recipients": 9, "portal_s": 8.0, "bare_s": 1.0, "times": 8.0}, tmp_path)
    assert table(tmp_path).splitlines()[2:] == [
        "| `make bench-freeze` | times the bare INSERT | 8.0 | at most 3 | **missed** |"
    ]


def test_a_readme_without_the_marks_is_refused():
    with pytest.raises(ValueError, match="figures"):
        renewed(f"{END}{BEGIN}", "")
