"""Placeholders are known, finished and present before anything is queued."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from notifications.templates import MissingValue, check_placeholders, compile_text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dear {person}", "unknown_placeholder"),
        ("Go to {}", "unknown_placeholder"),
        ("Go to {link.__class__}", "unknown_placeholder"),
        ("Go to {link!r}", "unknown_placeholder"),
        ("Go to {link", "unfinished_placeholder"),
        ("Go to link}", "unfinished_placeholder"),
        ("Go to {{link}}", "unfinished_placeholder"),
    ],
)
def test_a_text_that_could_not_be_filled_in_is_refused(text: str, code: str):
    with pytest.raises(ValidationError) as refused:
        check_placeholders(text)
    assert refused.value.code == code


def test_a_placeholder_that_the_recipients_lack_is_refused():
    with pytest.raises(ValidationError):
        check_placeholders("Call {telephone}", available={"link"})


def test_a_text_without_its_link_is_refused():
    with pytest.raises(ValidationError) as refused:
        check_placeholders("Tell us how you are", required={"link"})
    assert refused.value.code == "missing_placeholder"
    check_placeholders("Tell us: {link}", required={"link"})


def test_filling_in_takes_values_as_they_are():
    fill = compile_text("{place}: {link} {place}")
    assert fill({"place": "{link} %s \\1", "link": "L"}) == "{link} %s \\1: L {link} %s \\1"


def test_a_missing_value_is_never_sent_as_a_hole():
    with pytest.raises(MissingValue):
        compile_text("Your code is {code}")({"link": "L"})


def test_a_text_without_placeholders_is_itself():
    assert compile_text("Stay inside")({}) == "Stay inside"
