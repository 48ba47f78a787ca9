"""Which events the log shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wa_tui.filters.fields import (
    CAUSE,
    cause_named,
    endless,
    is_cause,
    is_quoted,
    split_words,
    unquoted,
)
from wa_tui.filters.levels import Level, level_of
from wa_tui.text.events import plain
from wa_tui.text.nearest import nearest, or_nearest
from wa_tui.wire import EVENT_CAUSES, EVENT_SOURCES, EventView, cause_of_event

MARK = "mark"
"""The kind of an event that is a mark of the reader's."""

FIELDS = ("source", "gateway", "session", "kind", "level", CAUSE)
NODE = "node"
"""The source of what the bundled service says: it is not stored, comes once, and has the id of the event before it."""
SOURCES = (*EVENT_SOURCES, NODE)
_NAMED = ("gateway", "session")
"""Fields that are names: those can be quoted."""
_OF_SESSIONS = ("status", "user", "phone", "instance", "for", "proven", "used")
"""What is a field of the filter of sessions alone: as a word it would find nothing, and say so of nothing."""
_LEVELS = {"all": Level.ALL, "changes": Level.CHANGES, "trouble": Level.TROUBLE}


@dataclass(frozen=True)
class _Term:
    text: str
    field: str | None = None
    wanted: bool = True
    exact: bool = False
    """It was quoted: all of a name, letter by letter."""


@dataclass(frozen=True)
class LogFilter:
    """What an event must have: ``word``, ``!word``, ``source:heal,action``, ``gateway:eu-1``, ``level:trouble``,
    ``session:"A b"`` (exactly that), ``cause:conflict`` (what holds a session since).

    ``level`` and ``since`` (an instant) are chosen by keys of their own, ``cleared`` is the last event's id that is
    no longer wanted. ``problem`` says what is wrong with a word that therefore filters nothing,
    ``unfinished`` what one lacks that may still be typed on.
    """

    text: str = ""
    terms: tuple[_Term, ...] = ()
    problem: str | None = None
    unfinished: str | None = None
    level: Level = Level.NEWS
    since: datetime | None = None
    cleared: int | None = None

    def admits(self, event: EventView) -> bool:
        """Tell whether the log shows an event."""
        if self.since is not None and event.at < self.since:
            return False
        # A reader puts a mark to find it again: no filter hides it.
        if event.kind == MARK:
            return True
        # By its id and not by its time: a late event comes after the line was drawn.
        if self.cleared is not None and event.id <= self.cleared:
            return False
        if level_of(event) < self._least:
            return False
        return all(_holds(term, event) is term.wanted for term in self.terms)

    @property
    def _least(self) -> Level:
        """``level:all`` shows every code, although the usual level does not."""
        typed = self.level is Level.NEWS and any(term.field == "level" and term.wanted for term in self.terms)
        return Level.ALL if typed else self.level


def parse(text: str, *, level: Level = Level.NEWS) -> LogFilter:
    """Return the filter for what was typed, of events that matter so much."""
    terms: list[_Term] = []
    problem: str | None = None
    unfinished: str | None = None
    for word in split_words(text):
        wanted = not word.startswith("!")
        whole = word.removeprefix("!")
        word = whole.casefold()
        field, colon, value = word.partition(":")
        if field in _NAMED and is_quoted(value):
            name = unquoted(whole.partition(":")[2])
            if name is None:
                unfinished = unfinished or endless(field, value)
            else:
                terms.append(_Term(name, field, wanted, exact=True))
            continue
        if colon and field in FIELDS:
            wrong = _doubt(field, value)
            if wrong is not None:
                problem = problem or wrong
            elif value:
                terms.append(_Term(value, field, wanted))
            else:
                unfinished = unfinished or f"{word} is not finished; write what the {field} is to be"
            continue
        if colon and field in _OF_SESSIONS:
            problem = problem or f"{field}: is asked of sessions; events have {': '.join(FIELDS)}:"
            continue
        near = nearest(field, FIELDS, cutoff=0.7) if colon else []
        if near:
            problem = problem or f"{field}: is no field; {near[0]}: is"
        elif word:
            terms.append(_Term(word, wanted=wanted))
        else:
            unfinished = unfinished or "! belongs to the word after it; write !sales"
    return LogFilter(text.strip(), tuple(terms), problem, unfinished, level)


def _doubt(field: str, value: str) -> str | None:
    """Say what is wrong with a value that can be none."""
    if field == CAUSE and value:
        return _doubt_cause(value)
    if field == "level" and value and not _levels(value):
        return f"level:{value} is no level; {or_nearest(value, _LEVELS)}"
    for one in value.split(",") if field == "source" else ():
        if not any(source.startswith(one) for source in SOURCES):
            return f"source:{one} is no source; {or_nearest(one, SOURCES)}"
    return None


def _doubt_cause(value: str) -> str | None:
    try:
        name = cause_named(value)
    except ValueError as error:
        return str(error)
    if any(is_cause(cause, name) for cause in EVENT_CAUSES):
        return None
    return f"cause:{name} no single event brings about; kind:healing has what healing says"


def _levels(value: str) -> list[Level]:
    return [level for name, level in _LEVELS.items() if name.startswith(value)]


def _holds(term: _Term, event: EventView) -> bool:
    if term.field is None:
        return term.text in plain(event).casefold()
    if term.exact:
        return term.text in _names(term.field, event)
    values = [value for value in term.text.split(",") if value]
    match term.field:
        case "cause":
            return is_cause(cause_of_event(event), term.text.replace("-", "_"))
        case "level":
            return any(level_of(event) >= level for level in _levels(term.text))
        case "source":
            return any(_is_source(event.source, value) for value in values)
        case "kind":
            return any(event.kind.startswith(value) for value in values)
        case "gateway":
            return any((event.gateway or "").casefold() == value for value in values)
    whose = f"{event.instance_name or ''} {event.session_id or ''}".casefold()
    return any(value in whose for value in values)


def _names(field: str, event: EventView) -> tuple[str | None, ...]:
    return (event.gateway,) if field == "gateway" else (event.instance_name, event.session_id)


def _is_source(source: str, value: str) -> bool:
    """What is typed so far finds what begins so; ``heal`` is not ``health``."""
    return source == value or (value not in SOURCES and source.startswith(value))
