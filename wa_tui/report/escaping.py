"""Text that others wrote, as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re

from wa_tui.text.cleaning import clean

_ACTING = re.compile(r"([\\`*_~\[\]<>|#&])")
_TICKS = re.compile(r"`+")
NOTHING = "–"


def prose(text: str) -> str:
    """Return a sentence on one line; what Markdown would act on is escaped."""
    return _ACTING.sub(r"\\\1", clean(text).strip()) or NOTHING


def name(text: str | None) -> str:
    """Return a name as code, for a cell of a table: nobody is called by it, nothing is linked."""
    shown = clean(text or "").strip()
    if not shown:
        return NOTHING
    if "\\|" in shown:
        # Its bar could not be escaped: in code a backslash is one.
        return prose(shown)
    fence = "`" * (max((len(found) for found in _TICKS.findall(shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    # In a table a bar ends a cell, in code too, unless it is escaped; elsewhere it would be shown with its escape.
    return f"{fence}{space}{shown}{space}{fence}".replace("|", "\\|")


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def heading(*cells: str) -> list[str]:
    """Return the first two rows of a table."""
    return [row(*cells), row(*("---" for _ in cells))]
