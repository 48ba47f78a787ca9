"""Messages and the sessions they were tried through, as the cells of tables and as lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from wa_tui.text.cells import NONE, fit
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import MessageColumn
from wa_tui.text.messages import ATTEMPT_WORDS, MESSAGE_WORDS, content_word
from wa_tui.text.phone import phone
from wa_tui.tui.presenters.times import DATE, WEEKDAY, when
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, wrapped
from wa_tui.tui.style.tables import Column
from wa_tui.wire import AttemptView, MessageView, SessionKey

Called = Callable[[SessionKey], str]
"""What a person calls a session."""

_SIGNS: dict[str, tuple[str, Ink]] = {
    "under way": ("…", Ink.AMBER),
    "trying": ("…", Ink.AMBER),
    "sent": ("✓", Ink.GREEN),
    "unknown": ("?", Ink.AMBER),
    "not sent": ("✖", Ink.RED),
    "superseded": ("✖", Ink.RED),
}
_LOUD = ("unknown", "failed", "no_effect", "superseded")

COLUMNS = (
    Column(MessageColumn.WHEN, WEEKDAY, most=DATE, wholly=True),
    Column(MessageColumn.OUTCOME, 11),
    Column(MessageColumn.RECIPIENT, 17, most=22),
    Column(MessageColumn.SESSION, 12, most=20, shed=5),
    Column(MessageColumn.TRIES, 5, shed=3, right=True),
    Column(MessageColumn.WHAT, 6, most=10, shed=1),
    Column(MessageColumn.WHO, 8, most=14, shed=2),
    Column(MessageColumn.TOLD, 20, most=None),
)


def recipient(message: MessageView, width: int = 24) -> str:
    """Return a recipient as people read it: a number grouped, any other WhatsApp id as it is."""
    return phone(message.recipient.removesuffix("@c.us"), width)


def through(message: MessageView) -> SessionKey | None:
    """Return the session that a message was tried through last."""
    return (message.attempts[-1].gateway, message.attempts[-1].session_id) if message.attempts else None


def message_cell(message: MessageView, title: str, width: int, now: datetime, called: Called) -> Pieces:
    """Return a message's cell in a column: what may have gone out, or did not, stands out."""
    word = MESSAGE_WORDS[message.outcome]
    glyph, ink = _SIGNS[word]
    loud = message.outcome in _LOUD
    key = through(message)
    match title:
        case MessageColumn.WHEN:
            return (Piece(when(message.at, now, width), Ink.QUIET),)
        case MessageColumn.OUTCOME:
            return (Piece(fit(f"{glyph} {word}", width), ink, bold=loud),)
        case MessageColumn.RECIPIENT:
            text = fit(recipient(message, width), width)
            return (Piece(text, Ink.BRIGHT if loud else Ink.TEXT),)
        case MessageColumn.SESSION:
            return (Piece(fit(called(key) if key is not None else NONE, width)),)
        case MessageColumn.TRIES:
            return (Piece(str(len(message.attempts)), Ink.AMBER if len(message.attempts) > 1 else Ink.QUIET),)
        case MessageColumn.WHAT:
            text = content_word(message.kind, message.length)
            return (Piece(fit(text, width), Ink.QUIET),)
        case MessageColumn.WHO:
            return (Piece(fit(message.who, width), Ink.QUIET),)
    return (Piece(clean(message.text or message.message_id or ""), ink if loud else Ink.QUIET),)


def message_lines(message: MessageView, width: int, now: datetime, called: Called) -> list[Pieces]:
    """Return what is to be said of one message: what it was, then each try with its end."""
    word = MESSAGE_WORDS[message.outcome]
    _, ink = _SIGNS[word]
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
    word = ATTEMPT_WORDS.get(attempt.outcome, attempt.outcome)
    glyph, ink = _SIGNS.get(word, ("?", Ink.QUIET))
    took = "" if attempt.ended_at is None else f" · {(attempt.ended_at - attempt.at).total_seconds():.1f} s"
    pieces = (
        Piece(f"{number}  {when(attempt.at, now)}  ", Ink.QUIET),
        Piece(clean(f"{called((attempt.gateway, attempt.session_id))}  ")),
        Piece(clean(f"{glyph} {word}"), ink, bold=True),
        Piece(clean(f"{took}{f' · {attempt.text}' if attempt.text else ''}")),
    )
    first, *rest = wrapped(pieces, width, width - 3)
    return [first, *((Piece("   "), *line) for line in rest)]
