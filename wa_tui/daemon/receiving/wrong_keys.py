"""How many wrong keys came from each address: who shows too many is told to come again later.

A key is compared before that is asked, so that a right one from the same address is never held.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

from wa_tui.model.registers import SECOND

from ..clock import Clock

BURST = 100
"""Wrong keys of an address that are answered as such, one after another."""

PER_SECOND = 1.0
"""Wrong keys of an address that are answered as such in the long run."""

ADDRESSES = 4_096
"""Addresses that are remembered; of more the one that was quiet for longest is forgotten."""

_IPV6_OF_ONE = 64
"""Bits of an IPv6 address that are one network's: who has one of its addresses has all."""


class WrongKeys:
    """Counts wrong keys by address: a bucket of `BURST` each, filled again by `PER_SECOND`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """What was left in each bucket, and when, by the monotonic clock."""

    def note(self, address: str) -> int | None:
        """Count one; return the seconds after which it may come again, if there were too many."""
        place, now = _place(address), self._clock.monotonic()
        left, at = self._left.pop(place, (float(BURST), now))
        left = min(float(BURST), left + (now - at) / SECOND * PER_SECOND)
        too_many = left < 1
        self._left[place] = (left if too_many else left - 1, now)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return math.ceil((1 - left) / PER_SECOND) if too_many else None


def _place(address: str) -> str:
    """Return what an address is counted under."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _IPV6_OF_ONE), strict=False))
    return address
