"""Puts the cursor of a grid or a table somewhere at once; which keys do that is the business of other tests."""

from __future__ import annotations

from typing import TypeVar

from wa_tui.tui.widgets.rows import Rows

K = TypeVar("K")


def put_cursor(rows: Rows[K], key: K) -> None:
    """Put the cursor on a row; nothing happens when there is none of that key."""
    # Keys move it by what the terminal has shown, one frame after the other: fifty rows would be fifty frames.
    if key in rows._index:
        rows._move(rows._index[key])
