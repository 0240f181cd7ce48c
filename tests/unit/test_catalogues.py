"""Reading translation catalogues, and finding what is stale in them."""

from __future__ import annotations

from pathlib import Path

from micic_portal.catalogues import read_catalogue

CATALOGUE = """\
# Spanish
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#, python-format
msgid "%(count)s person"
msgid_plural "%(count)s people"
msgstr[0] "%(count)s persona"
msgstr[1] ""

#, fuzzy
msgid "Post"
msgstr "Correo"

msgctxt "month"
msgid ""
"May \\"the\\" "
"fifth"
msgstr "mayo"

msgid "Answer"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Ido"
"""


def test_each_live_entry_is_read_with_its_context_and_its_doubts(tmp_path: Path):
    path = tmp_path / "django.po"
    path.write_text(CATALOGUE, encoding="utf-8")
    messages = read_catalogue(path)
    assert {key: message.is_translated for key, message in messages.items()} == {
        ("", "%(count)s person"): False,
        ("", "Post"): False,
        ("month", 'May "the" fifth'): True,
        ("", "Answer"): False,
    }
