"""What filters are made of: quoted words, ages, and the texts of a session that its fields look in."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from wa_tui.identity.kinds import GatewayKind
from wa_tui.text.durations import is_begun, seconds_of
from wa_tui.text.nearest import or_nearest
from wa_tui.wire import GRADES, Cause, Condition, SessionView
from wa_tui.wire.reasons import REASON_WORDS

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_WORD = re.compile(rf"!?\w+:{_QUOTED.pattern}(?!\S)|\S+")
FIELDS = ("instance", "gateway", "id", "phone", "user", "status", "reason")
"""Names of the fields, those that find most often first."""
WORDED = ("status", "reason")
"""Those that are words, not names."""
_GENERATED = re.compile(r"^user_.+?_instance_")
"""What generated ids begin with: ``us`` must not find them all, but a whole id typed or pasted finds its own."""
_ALSO_CALLED: dict[str, str] = {
    Condition.DISCONNECTED: "down",
    Condition.AUTH_FAILED: "auth_failed down",
    Condition.SCAN_QR: "qr_pending",
    Condition.STARTING: "initializing authenticated",
}
"""What else a status is found by: the header's word, and the gateway's."""
_STATUS_TEXTS = {one: f"{one} {_ALSO_CALLED.get(one, '')}".casefold() for one in Condition}
STATUSES = frozenset(word for text in _STATUS_TEXTS.values() for word in text.split())
"""Every word that a status is found by."""
_CAUSES = frozenset(Cause)


CAUSE = "cause"
"""The term that takes what holds a session in trouble (``cause:scan_qr``), or how that begins (``cause:gateway``)."""


KIND = "kind"
"""The term that takes what a session's gateway is (``kind:evolution``), or how that begins."""


PROOF = "proof"
"""The term that takes how strong a session is proven (``proof:server``), or at least is (``proof:>=client``)."""


def grades_named(value: str) -> tuple[str, ...] | None:
    """Return the grades that are asked for; ``None`` while one is not named; raises ValueError for what is none."""
    least = value.startswith(">")
    name = value.removeprefix(">").removeprefix("=")
    if not name:
        return None
    at = next((at for at, grade in enumerate(GRADES) if grade.startswith(name)), None)
    if at is None:
        raise ValueError(f"{PROOF}:{value} is no grade of proof; {or_nearest(name, sorted(GRADES))}")
    return GRADES[at:] if least else GRADES[at : at + 1]


def kind_named(value: str) -> str:
    """Return a kind of gateway, or how some begin; raises ValueError, in words for a person."""
    if not any(kind.startswith(value) for kind in GatewayKind):
        raise ValueError(f"{KIND}:{value} is no kind of gateway; {or_nearest(value, sorted(GatewayKind))}")
    return value


def cause_named(value: str) -> str:
    """Return a cause, or how some begin, as the API writes it; raises ValueError, in words for a person."""
    # The API writes scan_qr, people scan-qr.
    name = value.replace("-", "_")
    if not any(cause.startswith(name) for cause in Cause):
        raise ValueError(f"{CAUSE}:{name} is no cause; {or_nearest(name, sorted(Cause))}")
    return name


def is_cause(cause: Cause | None, name: str) -> bool:
    """Tell whether a cause is the one that is named; of a name that is none whole, whether it begins so."""
    # All of a name: cause:down is not what begins with it, should there once be one that does.
    return cause is not None and (cause == name or (name not in _CAUSES and cause.startswith(name)))


def split_words(text: str) -> list[str]:
    """Return the words of a filter: between spaces, unless these are quoted after a field (``user:"A b"``)."""
    return _WORD.findall(text)


def quoted(field: str, value: str) -> str:
    """Return the word that finds exactly a value in a field; a quote in it is doubled."""
    doubled = value.replace('"', '""')
    return f'{field}:"{doubled}"'


def is_quoted(value: str) -> bool:
    """Tell whether a field's value begins with a quote."""
    return value.startswith('"')


def unquoted(value: str) -> str | None:
    """Return what is quoted, ``None`` while the quote has no end."""
    return value[1:-1].replace('""', '"') if _QUOTED.fullmatch(value) else None


def endless(field: str, value: str) -> str:
    """Say what a quote without an end lacks."""
    return f"{field}:{value} is not finished; end what is quoted with another quote"


class Age(Struct, frozen=True):
    """At least ``seconds`` old, or less where it is ``younger``."""

    seconds: float
    younger: bool = False

    def holds(self, since: datetime | None, now: datetime) -> bool:
        """Tell whether an instant is as old as that; none at all is of no age."""
        if since is None:
            return False
        return ((now - since).total_seconds() < self.seconds) is self.younger


def age_wanted(field: str, text: str) -> Age | None:
    """Return what ``>5m`` asks for, ``None`` while it is not finished (``>``, ``>1h3``). Raises ValueError."""
    how = text[:1] if text[:1] in ("<", ">") else ""
    duration = text.removeprefix(how).removeprefix("=")
    seconds = seconds_of(duration)
    if seconds is not None:
        return Age(seconds, younger=how == "<")
    if is_begun(duration):
        return None
    raise ValueError(f"{field}:{text} is no age; {age_example(field)}")


def age_example(field: str) -> str:
    """Say how a field's age is written."""
    return f"write {field}:>5m, {field}:<2h or {field}:>1h30m (s m h d w)"


def text_of(session: SessionView, field: str, status: Condition) -> str:
    """Return one field's text, in one case; ``status`` is the word on screen. Raises KeyError."""
    match field:
        case "instance":
            return (session.instance_name or "").casefold()
        case "gateway":
            return session.gateway.casefold()
        case "id":
            return _GENERATED.sub("", session.session_id).casefold()
        case "phone":
            return f"+{session.phone_number}" if session.phone_number else ""
        case "user":
            return (session.user_id or "").casefold()
        case "status":
            return _STATUS_TEXTS[status]
        case "reason":
            return _reasons(_details(session))
    raise KeyError(field)


def name_of(session: SessionView, field: str) -> str:
    """Return the whole of a field that is a name, as it is; empty where there is none. Raises KeyError."""
    match field:
        case "instance":
            return session.instance_name or ""
        case "gateway":
            return session.gateway
        case "id":
            return session.session_id
        case "phone":
            return session.phone_number or ""
        case "user":
            return session.user_id or ""
    raise KeyError(field)


def names_of(session: SessionView) -> str:
    """Return the texts of all fields that are names, a line each."""
    return _names(
        session.instance_name, session.gateway, session.session_id, session.phone_number, session.user_id
    )


@lru_cache(1 << 15)
def _names(instance: str | None, gateway: str, session_id: str, phone: str | None, user: str | None) -> str:
    """Kept, since every letter of a filter asks for those of all sessions."""
    known = (instance, gateway, _GENERATED.sub("", session_id), f"+{phone}" if phone else "", user)
    return "\n".join((text or "").casefold() for text in known)


def words_of(session: SessionView, status: Condition) -> str:
    """Return the words of all fields that are words, each after a space."""
    return _joined(_STATUS_TEXTS[status], *_details(session))


@lru_cache(1 << 12)
def _joined(status: str, *details: str | None) -> str:
    """Kept, since most sessions have the same to say."""
    return " ".join(["", *status.split(), *_reasons(details).split()])


def _details(session: SessionView) -> tuple[str | None, ...]:
    return (
        session.reason,
        session.detail,
        session.attention.text if session.attention is not None else None,
        session.attention.action if session.attention is not None else None,
        session.contradiction,
        session.unanswered,
        session.ghost.detail if session.ghost is not None else None,
        "silent" if session.silent is not None else None,
    )


def _reasons(details: tuple[str | None, ...]) -> str:
    return " ".join(part for part in (REASON_WORDS.get(details[0] or ""), *details) if part).casefold()
