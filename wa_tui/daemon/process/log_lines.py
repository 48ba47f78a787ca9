"""What stands in the log: foreign names cannot begin a line of their own, nor speak to a terminal."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from enum import StrEnum

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class OneLine(logging.Formatter):
    """Formats a record as one line, a traceback below it; what is no letter in a message is written as ``\\x0a``."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the standard library's name)
        """Return the line."""
        line = super().formatMessage(record)
        return line if line.isprintable() else _UNPRINTABLE.sub(_escaped, line)


class JsonLine(logging.Formatter):
    """Formats a record as one JSON object a line, for what collects logs; ASCII alone, so that a line stays one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; ``time`` is UTC, ``exception`` a traceback."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said)


class LogFormat(StrEnum):
    """How the daemon's log is written."""

    TEXT = "text"
    JSON = "json"

    def formatter(self) -> logging.Formatter:
        """Return what writes it so."""
        return JsonLine() if self is LogFormat.JSON else OneLine(LINE)


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()
