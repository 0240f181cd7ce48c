"""Keeps out of every log line what opens something: the tokens of links."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

# A token has 43 characters or more; behind a known path a mutilated one may still be guessed from.
_TOKEN = re.compile(
    r"(/(?:a|g|i|p|listed|still|stop)/)[A-Za-z0-9_-]{8,}|(/)[A-Za-z0-9_-]{40,}(?![A-Za-z0-9_-])"
)


def without_tokens(text: str) -> str:
    return _TOKEN.sub(lambda found: f"{found[1] or found[2]}…", text)


class WithoutTokens(logging.Filter):
    """Writes the line and its traceback without tokens; hides no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = without_tokens(record.getMessage()), None
        except (TypeError, ValueError):
            return True  # Arguments that do not fit: the handler reports that itself.
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = without_tokens("".join(traceback.format_exception(*record.exc_info)))
        return True


def logging_to_console(level: str) -> dict[str, Any]:
    """The setting LOGGING: every line to the console, from `level` on, without tokens."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "filters": {"without_tokens": {"()": "micic_portal.logs.WithoutTokens"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["without_tokens"],
            }
        },
        # It would log the identifier of each passkey that is added.
        "loggers": {"fido2": {"level": "WARNING"}},
        "root": {"handlers": ["console"], "level": level},
    }
