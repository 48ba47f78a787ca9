"""The ``/`` filter: words that a session must have, or must not."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wa_tui.tui.fleet.ages import Age, age_wanted
from wa_tui.tui.fleet.fields import FIELDS, STATUSES, WORDED, names_of, text_of
from wa_tui.tui.fleet.order import is_troubled
from wa_tui.wire import Condition, SessionView

AGES: dict[str, Callable[[SessionView], datetime | None]] = {
    "for": lambda session: session.status_since,
    "proven": lambda session: session.proven_at,
    "used": lambda session: session.used_at,
}
"""Terms that take an age (``for:>5m``), and what it is counted from."""


class _Term(Struct, frozen=True):
    text: str
    field: str | None = None
    wanted: bool = True
    fuzzy: bool = False
    age: Age | None = None


class Filter(Struct, frozen=True):
    """Words that must all hold; empty admits everything.

    ``sales`` anywhere, ``!word`` not, ``-f word`` its letters in that order, ``status:qr`` in one field,
    ``for:>5m`` an age. ``problem`` says what is wrong with a word that therefore filters nothing. ``gateway`` and
    ``trouble`` are asked for by keys of their own.
    """

    text: str = ""
    terms: tuple[_Term, ...] = ()
    problem: str | None = None
    gateway: str | None = None
    trouble: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms) or self.gateway is not None or self.trouble

    def within(self, gateway: str | None, *, trouble: bool) -> Filter:
        """Return the filter for one gateway's sessions, or for those in trouble."""
        return replace(self, gateway=gateway, trouble=trouble)

    def admits(self, session: SessionView, status: Condition, now: datetime) -> bool:
        """Tell whether a session passes; ``status`` is the word on screen."""
        if self.gateway is not None and session.gateway != self.gateway:
            return False
        if self.trouble and not is_troubled(session, status):
            return False
        return not self.terms or all(_holds(term, session, status, now) is term.wanted for term in self.terms)


def parse(text: str) -> Filter:
    """Return the filter for what was typed; words without a value yet (``status:``) do not count."""
    terms: list[_Term] = []
    problems: list[str] = []
    fuzzy = False
    for word in text.split():
        if word == "-f":
            fuzzy = True
            continue
        try:
            term = _term(word, fuzzy)
        except ValueError as error:
            problems.append(str(error))
            continue
        if term is not None:
            terms.append(term)
    return Filter(text.strip(), tuple(terms), problems[0] if problems else None)


def _term(word: str, fuzzy: bool) -> _Term | None:
    """Raises ValueError, in words for a person."""
    wanted = not word.startswith("!")
    word = word.removeprefix("!").casefold()
    field, colon, value = word.partition(":")
    if not colon or (field not in FIELDS and field not in AGES):
        _doubt(field if colon else "", value)
        return _Term(word, wanted=wanted, fuzzy=fuzzy) if word else None
    if not value:
        return None
    if field in AGES:
        age = age_wanted(field, value)
        return _Term(value, field, wanted, age=age) if age is not None else None
    if field == "status" and not any(word.startswith(value) for word in STATUSES):
        raise ValueError(f"status:{value} is no status; there are {' '.join(sorted(STATUSES))}")
    return _Term(value, field, wanted, fuzzy)


def _doubt(field: str, value: str) -> None:
    """A field that nearly exists was meant; ``http://x`` was not."""
    near = difflib.get_close_matches(field, (*FIELDS, *AGES), 1, 0.7) if field and value[:2] != "//" else []
    if near:
        raise ValueError(f"{field}: is no field; {near[0]}: is")


def _holds(term: _Term, session: SessionView, status: Condition, now: datetime) -> bool:
    if term.field is None:
        if "_" in term.text and term.text in session.session_id.casefold():
            return True
        if not term.fuzzy and term.text in names_of(session):
            return True
        rest = FIELDS if term.fuzzy else WORDED
        return any(_found(field, term, text_of(session, field, status)) for field in rest)
    if term.age is not None:
        return term.age.holds(AGES[term.field](session), now)
    if term.field == "id":
        return term.text in session.session_id.casefold()
    return _found(term.field, term, text_of(session, term.field, status))


def _found(field: str, term: _Term, text: str) -> bool:
    if term.fuzzy:
        return field not in WORDED and _has_in_order(text, term.text)
    if field in WORDED:
        # From the beginning of a word: "connected" is not in "disconnected", nor hides it with "!".
        return term.text in text and any(word.startswith(term.text) for word in text.split())
    if field == "user":
        return text == term.text if term.field == "user" else term.text in text
    return term.text in text


def _has_in_order(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
