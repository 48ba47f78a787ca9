"""The ``/`` filter: words that a session must have, or must not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wa_tui.filters.fields import (
    CAUSE,
    FIELDS,
    KIND,
    PROOF,
    STATUSES,
    WORDED,
    Age,
    age_example,
    age_wanted,
    cause_named,
    endless,
    grades_named,
    is_cause,
    is_quoted,
    kind_named,
    name_of,
    names_of,
    split_words,
    text_of,
    unquoted,
    words_of,
)
from wa_tui.text.nearest import nearest, or_nearest
from wa_tui.wire import Cause, Condition, SessionView, is_troubled

AGES: dict[str, Callable[[SessionView], datetime | None]] = {
    "for": lambda session: session.condition_since,
    "proven": lambda session: session.proven_at,
    "used": lambda session: session.used_at,
    "silent": lambda session: session.silent.since if session.silent is not None else None,
}
"""Terms that take an age (``for:>5m``), and what it is counted from."""


_KNOWN = (*FIELDS, *AGES, CAUSE, KIND, PROOF)
"""Every field there is."""


class _Term(Struct, frozen=True):
    text: str
    field: str | None = None
    wanted: bool = True
    fuzzy: bool = False
    age: Age | None = None
    grades: tuple[str, ...] = ()
    whole: bool = False
    """The text is all of a name, not a part of it."""
    exact: bool = False
    """It was quoted: all of a name, letter by letter, or for a field of words these in this order."""

    def narrows(self, other: _Term) -> bool:
        """Tell whether it is the other one, typed on: a word anywhere finds less with every letter."""
        if not (self.wanted and other.wanted) or self.field or other.field or self.fuzzy is not other.fuzzy:
            return False
        # Whole ids are looked at from the first _ on.
        return self.text.startswith(other.text) and ("_" in other.text or "_" not in self.text)


class Filter(Struct, frozen=True):
    """Words that must all hold; empty admits everything.

    ``sales`` anywhere, ``!word`` not, ``-f word`` its letters in that order, ``status:qr`` in one field,
    ``user:"A b"`` exactly that (``user:""``: none), ``kind:waha`` on such gateways,
    ``proof:server`` proven so, ``for:>5m`` an age. ``problem`` says what is wrong with a word that therefore filters
    nothing, ``unfinished`` what one lacks that may still be typed on. ``gateway`` and ``trouble`` are asked for by keys
    of their own.
    """

    text: str = ""
    terms: tuple[_Term, ...] = ()
    problem: str | None = None
    unfinished: str | None = None
    gateway: str | None = None
    trouble: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms) or self.gateway is not None or self.trouble

    def within(self, gateway: str | None, *, trouble: bool) -> Filter:
        """Return the filter for one gateway's sessions, or for those in trouble."""
        return replace(self, gateway=gateway, trouble=trouble)

    @property
    def cause(self) -> Cause | None:
        """The one cause that is asked for by its whole name, ``None`` where none is, or several are."""
        found = [term.text for term in self.terms if term.field == CAUSE and term.wanted and term.whole]
        return Cause(found[0]) if len(found) == 1 else None

    @property
    def ages(self) -> bool:
        """Whether what it admits changes as time goes by."""
        return self.wants_proof or any(term.age is not None for term in self.terms)

    @property
    def wants_proof(self) -> bool:
        """Whether it asks how strong sessions are proven."""
        return any(term.field == PROOF for term in self.terms)

    def narrows(self, other: Filter) -> bool:
        """Tell whether all that it admits passes the other one too, as far as that is easily seen."""
        # A filter that narrows another needs to look only at what that one admitted.
        if other.gateway not in (None, self.gateway) or (other.trouble and not self.trouble):
            return False
        if self.terms[: len(other.terms)] == other.terms:
            return True
        before, last = other.terms[:-1], other.terms[-1]
        at = len(before)
        return len(self.terms) > at and self.terms[:at] == before and self.terms[at].narrows(last)

    def admits(
        self,
        session: SessionView,
        status: Condition,
        cause: Cause | None,
        now: datetime,
        kind: str | None = None,
        proof: str | None = None,
    ) -> bool:
        """Tell whether a session passes.

        ``status`` is the word on screen, ``cause`` what holds it in trouble, ``kind`` what its gateway is, ``proof``
        how strong it is proven, where that is asked for.
        """
        if self.gateway is not None and session.gateway != self.gateway:
            return False
        if self.trouble and not is_troubled(session, status):
            return False
        return not self.terms or all(
            (proof in term.grades if term.field == PROOF else _holds(term, session, status, cause, now, kind))
            is term.wanted
            for term in self.terms
        )


def parse(text: str, gateways: Iterable[str] = ()) -> Filter:
    """Return the filter for what was typed; words without a value yet (``status:``) do not count.

    Of ``gateways`` the whole name is meant where it is typed: ``gateway:eu-1`` is not eu-10.
    """
    terms: list[_Term] = []
    problems: list[str] = []
    unfinished: list[str] = []
    fuzzy = False
    typed, names = split_words(text), {name.casefold() for name in gateways}
    for at, word in enumerate(typed, 1):
        if word == "-f":
            fuzzy = True
            continue
        try:
            terms.append(_term(word, fuzzy, names))
        except _Unfinished as error:
            (problems if word == "!" and at < len(typed) else unfinished).append(str(error))
        except ValueError as error:
            problems.append(str(error))
    if typed and typed[-1] == "-f":
        unfinished.append("-f looks for the words after it; write -f sls")
    return Filter(text.strip(), tuple(terms), next(iter(problems), None), next(iter(unfinished), None))


def with_cause(text: str, cause: Cause | None) -> str:
    """Return a filter's text that asks for one cause, or for none, and for what else it did."""
    typed = [word for word in split_words(text) if not word.casefold().startswith(f"{CAUSE}:")]
    return " ".join([*([f"{CAUSE}:{cause}"] if cause is not None else []), *typed])


class _Unfinished(ValueError):
    """More has to be typed before it means something."""


def _term(word: str, fuzzy: bool, gateways: set[str]) -> _Term:
    """Raises ValueError, in words for a person."""
    wanted = not word.startswith("!")
    whole = word.removeprefix("!")
    word = whole.casefold()
    if not word:
        raise _Unfinished("! belongs to the word after it; write !sales")
    if word == "-f" and not wanted:
        raise ValueError("-f stands before the words it is for; write -f !sales")
    field, colon, value = word.partition(":")
    # A colon alone makes no field: 12:30 or http://x are words.
    if not colon or field not in _KNOWN:
        _doubt(field if colon else "", value)
        return _Term(word, wanted=wanted, fuzzy=fuzzy)
    if field in AGES:
        age = age_wanted(field, value)
        if age is None:
            raise _Unfinished(f"{word} is not finished; {age_example(field)}")
        return _Term(value, field, wanted, age=age)
    if not value:
        raise _Unfinished(f"{word} is not finished; write what the {field} is to be")
    if field in (CAUSE, KIND, PROOF):
        return _listed(field, value, wanted)
    if is_quoted(value):
        return _exact(field, whole.partition(":")[2], wanted)
    if field == "status" and not any(word.startswith(value) for word in STATUSES):
        raise ValueError(f"status:{value} is no status; {or_nearest(value, sorted(STATUSES))}")
    return _Term(value, field, wanted, fuzzy, whole=field == "gateway" and value in gateways)


def _listed(field: str, value: str, wanted: bool) -> _Term:
    """Return the term for a word of a closed list. Raises ValueError, in words for a person."""
    if field == CAUSE:
        name = cause_named(value)
        return _Term(name, CAUSE, wanted, whole=name in set(Cause))
    if field == KIND:
        return _Term(kind_named(value), KIND, wanted)
    grades = grades_named(value)
    if grades is None:
        raise _Unfinished(f"{field}:{value} is not finished; write {PROOF}:>=server")
    return _Term(value, PROOF, wanted, grades=grades)


def _exact(field: str, value: str, wanted: bool) -> _Term:
    """Raises ValueError for a quote that has no end yet."""
    text = unquoted(value)
    if text is None:
        raise _Unfinished(endless(field, value))
    return _Term(text.casefold() if field in WORDED else text, field, wanted, exact=True)


def _doubt(field: str, value: str) -> None:
    """A field that nearly exists was meant; ``http://x`` was not."""
    near = nearest(field, _KNOWN) if field and value[:2] != "//" else []
    if near:
        raise ValueError(f"{field}: is no field; {near[0]}: is")


def _holds(
    term: _Term, session: SessionView, status: Condition, cause: Cause | None, now: datetime, kind: str | None
) -> bool:
    if term.field is None:
        if "_" in term.text and term.text in session.session_id.casefold():
            return True
        if term.fuzzy:
            return any(_found(field, term, text_of(session, field, status)) for field in FIELDS)
        return term.text in names_of(session) or f" {term.text}" in words_of(session, status)
    if term.age is not None:
        return term.age.holds(AGES[term.field](session), now)
    if term.field == CAUSE:
        return is_cause(cause, term.text)
    if term.field == KIND:
        return (kind or "").startswith(term.text)
    if term.exact and term.field not in WORDED:
        return term.text == name_of(session, term.field)
    if term.field == "id":
        return term.text in session.session_id.casefold()
    return _found(term.field, term, text_of(session, term.field, status))


def _found(field: str, term: _Term, text: str) -> bool:
    if field in WORDED and term.exact:
        return term.text in text
    if field in WORDED:
        # From the beginning of a word: "connected" is not in "disconnected", nor hides it with "!".
        return term.text in text and any(word.startswith(term.text) for word in text.split())
    if term.whole:
        return text == term.text
    if term.fuzzy:
        return _has_in_order(text, term.text)
    if field == "user":
        return text == term.text if term.field == "user" else term.text in text
    return term.text in text


def _has_in_order(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
