"""Reasons as a person says them."""

from __future__ import annotations

from wa_tui.wire.reasons import REASON_WORDS as WORDS

__all__ = ["WORDS"]
