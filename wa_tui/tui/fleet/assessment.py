"""How each session stands, how many stand how and why, how long their names are: kept by what changed alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from wa_tui.text.cells import cell_len
from wa_tui.text.cleaning import clean
from wa_tui.wire import (
    AttentionCode,
    Cause,
    Condition,
    GatewayView,
    Priority,
    SessionKey,
    gateway_calls,
    is_quiet,
)

Voice = Literal["calls", "mute", "quiet"]
"""It calls a person, needs none, or a person has quieted it."""
_CALLS_FOR = {
    Cause.GATEWAY_RESTARTING: AttentionCode.GATEWAY_RESTARTS,
    **{Cause(code): code for code in AttentionCode if code in {*Cause} and Cause(code).is_gateways},
}
"""What a gateway calls for, where that is what holds its sessions."""
_URGENCY = {cause: place for place, cause in enumerate(Cause)}


class Assessment(NamedTuple):
    """A session's condition, what it needs a person for, whether it calls for one now, and what holds it in trouble."""

    condition: Condition
    need: AttentionCode | None = None
    snoozed: bool = False
    acknowledged: bool = False
    covered: bool = False
    """It is its gateway's trouble, and that is quieted."""
    cause: Cause | None = None
    priority: Priority = Priority.REST

    @property
    def calls(self) -> bool:
        """Whether a person is needed who was not told to wait, nor took care of it."""
        return self.need is not None and self.quiet is None

    @property
    def works(self) -> bool:
        """Whether it works as far as can be known: proven, or claimed where nothing can prove it."""
        claimed = self.condition is Condition.CLAIMED and self.priority is Priority.REST
        return claimed or self.condition is Condition.CONNECTED

    @property
    def voice(self) -> Voice:
        """Whether a session in trouble calls a person."""
        if self.quiet is not None:
            return "quiet"
        return "mute" if self.need is None else "calls"

    @property
    def quiet(self) -> str | None:
        """Why a session calls nobody whatever it needs, or ``None``: the header counts those apart."""
        if self.snoozed:
            return "snoozed"
        if self.acknowledged:
            return "acknowledged"
        return "covered" if self.covered else None


class Held(NamedTuple):
    """What sessions in trouble have in common."""

    gateway: str
    cause: Cause
    voice: Voice


class Counts(Struct, frozen=True):
    """The fleet in numbers: per condition, per gateway and condition, and sessions that need a person, by what for.

    Those that are snoozed, that somebody takes care of, or that a quieted gateway covers, are counted apart.
    """

    total: int = 0
    by_condition: dict[Condition, int] = {}
    by_gateway: dict[str, dict[Condition, int]] = {}
    needs: dict[AttentionCode, int] = {}
    gateways: int = 0
    """How many gateways need a person."""
    daemon: int = 0
    """In how many things the daemon itself does."""
    snoozed: int = 0
    acknowledged: int = 0
    covered: int = 0

    @property
    def needs_person(self) -> int:
        """How many sessions, gateways and things of the daemon need a person."""
        return sum(self.needs.values()) + self.gateways + self.daemon


class FleetCounter:
    """Assessments by session key; it counts them as they change."""

    def __init__(self) -> None:
        self.assessments: dict[SessionKey, Assessment] = {}
        self.troubled: set[SessionKey] = set()
        self._there: Counter[tuple[str, Condition]] = Counter()
        self._needs: Counter[AttentionCode] = Counter()
        self._quiet: Counter[str] = Counter()
        self._held: Counter[Held] = Counter()

    def put(self, key: SessionKey, assessed: Assessment) -> bool:
        """Note a session's assessment; return whether it is another than before."""
        old = self.assessments.get(key)
        if old is not None:
            if old == assessed:
                return False
            self.drop(key)
        self.assessments[key] = assessed
        if assessed.priority.is_trouble:
            self.troubled.add(key)
        self._count(key, assessed, 1)
        return True

    def drop(self, key: SessionKey) -> None:
        """Forget a session; it may be unknown."""
        self.troubled.discard(key)
        if (old := self.assessments.pop(key, None)) is not None:
            self._count(key, old, -1)

    def counts(self, gateways: int = 0, daemon: int = 0) -> Counts:
        """Return the fleet in numbers, the commonest need first; ``gateways`` and the ``daemon`` have needs besides."""
        by_condition: dict[Condition, int] = {}
        by_gateway: dict[str, dict[Condition, int]] = {}
        for (gateway, condition), number in self._there.items():
            if number:
                by_condition[condition] = by_condition.get(condition, 0) + number
                by_gateway.setdefault(gateway, {})[condition] = number
        # A Counter keeps what has come down to 0.
        needs = {code: number for code, number in self._needs.items() if number}
        return Counts(
            total=len(self.assessments),
            by_condition=by_condition,
            by_gateway=by_gateway,
            needs=dict(sorted(needs.items(), key=lambda item: (-item[1], item[0].urgency))),
            gateways=gateways,
            daemon=daemon,
            snoozed=self._quiet["snoozed"],
            acknowledged=self._quiet["acknowledged"],
            covered=self._quiet["covered"],
        )

    def held(self) -> dict[Held, int]:
        """Return how many sessions are in trouble, by what holds them."""
        return {held: number for held, number in self._held.items() if number}

    def _count(self, key: SessionKey, assessed: Assessment, step: int) -> None:
        self._there[key[0], assessed.condition] += step
        if assessed.cause is not None:
            self._held[Held(key[0], assessed.cause, assessed.voice)] += step
        if assessed.need is None:
            return
        if (quiet := assessed.quiet) is not None:
            self._quiet[quiet] += step
        else:
            self._needs[assessed.need] += step


class NameLengths:
    """The cells that each session's name takes."""

    def __init__(self) -> None:
        self._names: dict[SessionKey, str] = {}
        self._cells: Counter[int] = Counter()

    def put(self, key: SessionKey, name: str) -> None:
        """Note a session's name."""
        old = self._names.get(key)
        if old != name:
            if old is not None:
                self.drop(key)
            self._names[key] = name
            self._cells[_width(name)] += 1

    def drop(self, key: SessionKey) -> None:
        """Forget a session; it may be unknown."""
        if (name := self._names.pop(key, None)) is not None:
            cells = _width(name)
            self._cells[cells] -= 1
            if not self._cells[cells]:
                del self._cells[cells]

    @property
    def longest(self) -> int:
        """Cells of the longest name, 0 without sessions."""
        return max(self._cells, default=0)


def _width(name: str) -> int:
    """Return the cells of a name once it is clean; most names take the short way."""
    return len(name) if name.isascii() and name.isprintable() else cell_len(clean(name))


class CauseCount(NamedTuple):
    """How many sessions a cause holds in trouble, whether it calls a person, and on which gateways."""

    cause: Cause
    number: int
    calls: bool
    gateways: tuple[str, ...]


class CauseCounts(NamedTuple):
    """By cause those in trouble; ``quiet`` counts those that a person has quieted."""

    causes: tuple[CauseCount, ...] = ()
    quiet: int = 0

    @property
    def total(self) -> int:
        """Sessions in trouble that are not quieted."""
        return sum(each.number for each in self.causes)


def summary(held: Mapping[Held, int], gateways: Mapping[str, GatewayView], now: datetime) -> CauseCounts:
    """Return what holds sessions, counted by gateway and cause, in the order in which it is told."""
    numbers: dict[Cause, int] = {}
    places: dict[Cause, list[str]] = {}
    calling: set[Cause] = set()
    quiet = 0
    for (name, cause, voice), number in held.items():
        gateway = gateways.get(name)
        if voice == "quiet" or (cause.is_gateways and gateway is not None and is_quiet(gateway, now)):
            quiet += number
            continue
        numbers[cause] = numbers.get(cause, 0) + number
        if name not in (there := places.setdefault(cause, [])):
            there.append(name)
        if voice == "calls" or (gateway is not None and _calls(gateway, cause, now)):
            calling.add(cause)
    found = [
        CauseCount(cause, number, cause in calling, tuple(sorted(places[cause])))
        for cause, number in numbers.items()
    ]
    found.sort(key=lambda each: (not each.calls, 0 if each.calls else -each.number, _URGENCY[each.cause]))
    return CauseCounts(tuple(found), quiet)


def _calls(gateway: GatewayView, cause: Cause, now: datetime) -> bool:
    code = _CALLS_FOR.get(cause)
    return code is not None and any(each.code is code for each in gateway_calls(gateway, now))
