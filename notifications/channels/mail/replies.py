"""What somebody wrote back by mail: their own words, without what they quote.

Our notice stands in nearly every reply, with the very words that count as an answer. Nothing
that is quoted may be read as said; what cannot be told apart is left to an officer.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from uuid import UUID

LONGEST = 4_000  # characters; an answer is a word or two
# Stands for the quotation where somebody wrote on below it. No answer is read beside such a sign.
BELOW = "\u2193"
_QUOTED = re.compile(r"^\s*[>\uff1e|]")
# "-----Original Message-----", "________________"
_RULE = re.compile(r"^\s*(-{4,}|_{8,}|={8,}|\*{8,}).*$")
_SIGNATURE = re.compile(r"^-- ?$")
# "From: ...", "发件人：...": three of them in a row are the head of the mail that is answered.
_FIELD = re.compile(r"^\s*\*?[^\s:：][^:：]{0,30}(：|:\*?(\s|$))")
_FIELDS_IN_A_ROW = 3
_OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.I)


def own_words(text: str) -> str:
    """The part of a reply that is not quoted, without signature; at most LONGEST characters.

    What stands below a quotation follows BELOW: it may take back what stands above.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end, resumed = _end(lines)
    words = [line for line in lines[resumed:] if line.strip() and not _QUOTED.match(line)]
    below = words[: _end(words)[0]]
    found = [*lines[:end], BELOW, *below] if below else lines[:end]
    return "\n".join(found).strip()[:LONGEST]


def _end(lines: list[str]) -> tuple[int, int]:
    """Where the quoted part begins, in whatever language it is announced, and where words of the
    writer's own may follow: only below lines that are marked as quoted."""
    for number, line in enumerate(lines):
        if _QUOTED.match(line):
            return _without_announcement(lines, number), number
        if _RULE.match(line) or _SIGNATURE.match(line):
            return number, len(lines)
        following = lines[number : number + _FIELDS_IN_A_ROW]
        if len(following) == _FIELDS_IN_A_ROW and all(map(_FIELD.match, following)):
            return number, len(lines)
    return len(lines), len(lines)


def _without_announcement(lines: list[str], end: int) -> int:
    """Before a quotation stands "On 3 May, X wrote:", over one line or several."""
    while end and not lines[end - 1].strip():
        end -= 1
    if not end or not lines[end - 1].rstrip().endswith((":", "：", "؛", "،")):
        return end
    while end and lines[end - 1].strip():
        end -= 1
    return end


def is_automatic(message: EmailMessage) -> bool:
    """Whether a machine answered (RFC 3834): an absence note, a list, a bounce. Nobody's words."""
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        not submitted.startswith("no")
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients"))
        or str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() == "multipart/report"
    )


def answered_delivery(message: EmailMessage) -> UUID | None:
    """The delivery whose Message-ID is answered, if it was we who named it."""
    for name in ("In-Reply-To", "References"):
        found = _OUR_ID.findall(str(message.get(name, "")))
        if found:
            return UUID(found[-1])
    return None
