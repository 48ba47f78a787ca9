"""The ``/`` filter: words that a session must have, or must not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wa_tui.tui.words.reasons import WORDS
from wa_tui.wire import Condition, SessionView

FIELDS = ("status", "gateway", "instance", "phone", "id", "user", "reason")

_GENERATED = re.compile(r"^user_\d+_instance_")
"""What generated ids begin with: ``us`` must not find them all, but a whole id typed or pasted finds its own."""

_ALSO_CALLED: dict[str, str] = {
    Condition.DISCONNECTED: "down",
    Condition.AUTH_FAILED: "auth_failed down",
    Condition.SCAN_QR: "qr_pending",
    Condition.STARTING: "initializing authenticated",
}
"""What else a status is found by: the header's word, and the gateway's."""


@dataclass(frozen=True)
class _Term:
    text: str
    field: str | None = None
    wanted: bool = True


@dataclass(frozen=True)
class Filter:
    """Words that must all hold: ``sales``, ``!word`` (not), ``status:qr`` (in one field); empty admits everything."""

    text: str = ""
    terms: tuple[_Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def admits(self, session: SessionView, status: str) -> bool:
        """Tell whether a session passes; ``status`` is the word on screen."""
        fields = _fields(session, status)
        return all(_holds(term, fields) is term.wanted for term in self.terms)


def parse(text: str) -> Filter:
    """Return the filter for what was typed; words without a value yet (``status:``) do not count."""
    terms = []
    for word in text.split():
        wanted = not word.startswith("!")
        field, colon, value = word.removeprefix("!").casefold().partition(":")
        in_field = bool(colon) and field in FIELDS
        text_wanted = value if in_field else field + colon + value
        if text_wanted:
            terms.append(_Term(text_wanted, field if in_field else None, wanted))
    return Filter(text.strip(), tuple(terms))


def _holds(term: _Term, fields: dict[str, str]) -> bool:
    if term.field is None:
        return any(_found(name, term.text, text) for name, text in fields.items())
    return (
        term.text in fields["id"] if term.field == "id" else _found(term.field, term.text, fields[term.field])
    )


def _found(field: str, wanted: str, text: str) -> bool:
    if field in ("status", "reason"):
        # From the beginning of a word: "connected" is not in "disconnected", nor hides it with "!".
        return any(word.startswith(wanted) for word in text.split())
    if field == "id" and "_" not in wanted:
        text = _GENERATED.sub("", text)
    return wanted in text


def _fields(session: SessionView, status: str) -> dict[str, str]:
    """Return the texts that are searched, by field, in one case."""
    phone = session.phone_number or ""
    told = (session.words, session.attention, session.contradiction, session.silence)
    reasons = (session.reason, WORDS.get(session.reason or ""), *told)
    fields = {
        "status": f"{status} {_ALSO_CALLED.get(status, '')}",
        "gateway": session.gateway,
        "instance": session.instance_name or "",
        "phone": f"{phone} +{phone}",
        "id": session.session_id,
        "user": "" if session.user_id is None else str(session.user_id),
        "reason": " ".join(part for part in reasons if part),
    }
    return {name: value.casefold() for name, value in fields.items()}
