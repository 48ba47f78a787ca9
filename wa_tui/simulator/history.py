"""What the demo's gateways would have said in the days before it began."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from wa_tui.simulator import qr
from wa_tui.simulator.fleet import Member
from wa_tui.simulator.gateway import iso
from wa_tui.simulator.scenario import DEMO_TIMING, DROPPED_REASON, PASSING_REASONS

_MINUTE, _HOUR = 60.0, 3600.0
_DAY = 24 * _HOUR
_CODES_SHOWN = 6
# A while ago the network of one gateway was away for some minutes: (begin before the end, length).
_SHARED_OUTAGES = {"us-1": [(9.3 * _HOUR, 4 * _MINUTE)]}

Moment = tuple[float, Member, dict[str, Any]]
Outage = tuple[float, float]
Absence = tuple[float, float]
"""From when until when, in epoch seconds."""


def sessions(members: list[Member]) -> dict[str, Any]:
    """Return what a control plane would know of the demo's sessions."""
    return {"sessions": [{"gateway": member.gateway} | member.account.public() for member in members]}


def history(members: list[Member], until: float) -> Iterator[dict[str, Any]]:
    """Yield the webhooks that the demo's gateways would have posted before `until` (epoch seconds), oldest first.

    They lead to the state in which the demo begins. The posts of the health check are left out.
    """
    moments = [moment for member in members for moment in _of_member(member, until)]
    for at, member, fields in sorted(moments, key=lambda moment: moment[0]):
        account = member.account
        head = {"sessionId": account.session_id, "userId": account.user_id, "timestamp": iso(at)}
        yield {"gateway": member.gateway, "at": iso(at), "body": head | fields}


def absences(member: Member, until: float) -> Iterator[Absence]:
    """Yield when a session was not connected, oldest first."""
    began: float | None = None
    for at, _, fields in _of_member(member, until):
        if fields["status"] != "connected":
            began = at if began is None else began
        elif began is not None:
            yield began, at
            began = None
    if began is not None:
        yield began, until


def _of_member(member: Member, until: float) -> Iterator[Moment]:
    rng = member.randomness("history")
    if member.kind == "waiting":
        yield from _codes(member, until, rng)
        return
    connected = {"status": "connected", "phoneNumber": member.account.phone}
    yield until - _DAY - rng.uniform(0, 20 * _HOUR), member, connected
    for ago, length in _outages(member, rng):
        reason = rng.choice(PASSING_REASONS)
        yield until - ago, member, {"status": "disconnected", "reason": reason}
        yield until - ago + length, member, connected
    if member.kind == "dropped":
        lost = {"status": "disconnected", "reason": DROPPED_REASON}
        yield until - rng.uniform(3 * _MINUTE, 4 * _MINUTE), member, lost
    elif member.kind == "logged_out":
        lost = {"status": "disconnected", "reason": "LOGOUT"}
        yield until - rng.uniform(35 * _MINUTE, 50 * _MINUTE), member, lost


def _outages(member: Member, rng: random.Random) -> list[Outage]:
    """Return outages as (seconds before the end, length in seconds), apart from each other."""
    wanted = list(_SHARED_OUTAGES.get(member.gateway, []))
    if member.kind == "flapping":
        for burst in (14 * _HOUR, 6 * _HOUR, 0.9 * _HOUR):
            begin = burst
            for _ in range(rng.randint(5, 8)):
                wanted.append((begin, rng.uniform(20, 90)))
                begin -= rng.uniform(2 * _MINUTE, 5 * _MINUTE)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        longest = 35 * _MINUTE if rng.random() < 0.1 else 8 * _MINUTE
        wanted.append((rng.uniform(1.5 * _HOUR, 23.5 * _HOUR), rng.uniform(20, longest)))
    kept: list[Outage] = []
    for ago, length in sorted(wanted, reverse=True):
        if not kept or ago < kept[-1][0] - kept[-1][1] - 30:
            kept.append((ago, length))
    return kept


def _codes(member: Member, until: float, rng: random.Random) -> Iterator[Moment]:
    """Yield the codes shown so far; only the last one is a picture that can be scanned."""
    latest = until - 10
    for place in range(_CODES_SHOWN - 1, 0, -1):
        short = f"data:image/png;base64,{rng.getrandbits(96):024x}"
        yield latest - place * DEMO_TIMING.qr, member, {"status": "qr_pending", "qrCode": short}
    yield latest, member, {"status": "qr_pending", "qrCode": qr.data_url(member.first_code)}
