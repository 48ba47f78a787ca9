"""Messages and the sessions they were tried through, as the cells of tables and as lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.look.inks import Ink
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.look.tables import Column
from wa_tui.tui.look.wrapping import wrapped
from wa_tui.tui.words.event_line import when
from wa_tui.tui.words.phone import phone
from wa_tui.tui.words.text import clean, fit
from wa_tui.wire import AttemptView, MessageView

Called = Callable[[Key], str]
"""What a person calls a session."""

_OUTCOMES: dict[str, tuple[str, str, Ink]] = {
    "accepted": ("…", "under way", Ink.AMBER),
    "verified": ("✓", "sent", Ink.GREEN),
    "unknown": ("?", "unknown", Ink.AMBER),
    "no_effect": ("✖", "not sent", Ink.RED),
    "failed": ("✖", "not sent", Ink.RED),
    "superseded": ("✖", "superseded", Ink.RED),
}
_TRIES: dict[str, tuple[str, str, Ink]] = {
    "trying": ("…", "trying", Ink.AMBER),
    "sent": ("✓", "sent", Ink.GREEN),
    "not_sent": ("✖", "not sent", Ink.RED),
    "unknown": ("?", "unknown", Ink.AMBER),
}
_LOUD = ("unknown", "failed", "no_effect", "superseded")

COLUMNS = (
    Column("WHEN", 8),
    Column("OUTCOME", 11),
    Column("RECIPIENT", 17, most=22),
    Column("SESSION", 12, most=20, shed=5),
    Column("TRIES", 5, shed=3, right=True),
    Column("WHAT", 6, most=10, shed=1),
    Column("WHO", 8, most=14, shed=2),
    Column("TOLD", 20, most=None),
)


def recipient(message: MessageView, width: int = 24) -> str:
    """Return a recipient as people read it: a number grouped, any other WhatsApp id as it is."""
    return phone(message.recipient.removesuffix("@c.us"), width)


def through(message: MessageView) -> Key | None:
    """Return the session that a message was tried through last."""
    return (message.attempts[-1].gateway, message.attempts[-1].session_id) if message.attempts else None


def message_cell(message: MessageView, title: str, width: int, now: datetime, called: Called) -> Pieces:
    """Return a message's cell in a column: what may have gone out, or did not, stands out."""
    glyph, word, ink = _OUTCOMES[message.outcome]
    loud = message.outcome in _LOUD
    key = through(message)
    match title:
        case "WHEN":
            return (Piece(when(message.at, now), Ink.QUIET),)
        case "OUTCOME":
            return (Piece(fit(f"{glyph} {word}", width), ink, bold=loud),)
        case "RECIPIENT":
            text = fit(recipient(message, width), width)
            return (Piece(text, Ink.BRIGHT if loud else Ink.TEXT),)
        case "SESSION":
            return (Piece(fit(called(key) if key is not None else "–", width)),)
        case "TRIES":
            return (Piece(str(len(message.attempts)), Ink.AMBER if len(message.attempts) > 1 else Ink.QUIET),)
        case "WHAT":
            text = message.kind if message.kind != "text" else f"{message.length} ch"
            return (Piece(fit(text, width), Ink.QUIET),)
        case "WHO":
            return (Piece(fit(message.who, width), Ink.QUIET),)
    return (Piece(clean(message.text or message.message_id or ""), ink if loud else Ink.QUIET),)


def message_lines(message: MessageView, width: int, now: datetime, called: Called) -> list[Pieces]:
    """Return what is to be said of one message: what it was, then each try with its end."""
    _, word, ink = _OUTCOMES[message.outcome]
    what = f"{message.kind} of {message.length} characters" if message.kind == "text" else message.kind
    user = f" · user {message.user_id}" if message.user_id is not None else ""
    id = f" · message {message.message_id}" if message.message_id else ""
    head = (
        Piece(clean(f"{recipient(message)}  "), Ink.BRIGHT, bold=True),
        Piece(word, ink, bold=True),
        Piece(clean(f" · {what} · asked by {message.who}{user}{id}"), Ink.QUIET),
    )
    lines = wrapped(head, width, width)
    if message.text:
        lines += wrapped((Piece(clean(message.text), ink),), width, width)
    for number, attempt in enumerate(message.attempts, 1):
        lines += _try_lines(number, attempt, width, now, called)
    return lines


def _try_lines(number: int, attempt: AttemptView, width: int, now: datetime, called: Called) -> list[Pieces]:
    glyph, word, ink = _TRIES.get(attempt.outcome, ("?", attempt.outcome, Ink.QUIET))
    took = "" if attempt.ended_at is None else f" · {(attempt.ended_at - attempt.at).total_seconds():.1f} s"
    pieces = (
        Piece(f"{number}  {when(attempt.at, now)}  ", Ink.QUIET),
        Piece(clean(f"{called((attempt.gateway, attempt.session_id))}  ")),
        Piece(clean(f"{glyph} {word}"), ink, bold=True),
        Piece(clean(f"{took}{f' · {attempt.text}' if attempt.text else ''}")),
    )
    first, *rest = wrapped(pieces, width, width - 3)
    return [first, *((Piece("   "), *line) for line in rest)]
