"""What holds the fleet in trouble, in numbers: those that call a person first, by urgency, then the most."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from wa_tui.tui.fleet.assessment import Held
from wa_tui.wire import AttentionCode, Cause, GatewayView, gateway_calls, is_quiet

_CALLS_FOR = {
    Cause.GATEWAY_RESTARTING: AttentionCode.GATEWAY_RESTARTS,
    **{Cause(code): code for code in AttentionCode if code in {*Cause} and Cause(code).is_gateways},
}
"""What a gateway calls for, where that is what holds its sessions."""

_URGENCY = {cause: place for place, cause in enumerate(Cause)}


class CauseCount(NamedTuple):
    """How many sessions a cause holds in trouble, whether somebody is needed for it, and on which gateways."""

    cause: Cause
    number: int
    calls: bool
    gateways: tuple[str, ...]


class CauseCounts(NamedTuple):
    """By cause those in trouble; ``quiet`` are those that call nobody since somebody said so."""

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
