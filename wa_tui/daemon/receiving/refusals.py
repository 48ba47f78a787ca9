"""What is refused: counted by gateway or by who sent it, told to a person where a gateway is mute by it, and logged.

Nobody without a key makes the daemon call a person: only what a gateway's key, its route or its own address stands for
does, and only until a webhook of that gateway is accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wa_tui.model.registers import SECOND
from wa_tui.wire import REFUSED, Attention, AttentionCode, RefusalKind, RefusedView

from ..clock import Clock, dated
from ..recording.change import Change
from .addresses import Addresses, canonical, is_address
from .summing import SummingLog
from .wrong_keys import WrongKeys

PEERS = 64
"""Addresses that are counted apart."""

OTHERS = "others"
FORWARDED = "a proxy"
SOCKET = "socket"

_TELLING = frozenset(
    {
        RefusalKind.WRONG_KEY,
        RefusalKind.WRONG_SIGNATURE,
        RefusalKind.RESTORE_KEY,
        RefusalKind.RESTORE_SHARED,
        RefusalKind.WRONG_PATH,
        RefusalKind.WRONG_METHOD,
        RefusalKind.UNKNOWN_ROUTE,
        RefusalKind.MALFORMED,
        RefusalKind.UNKNOWN_STATUS,
        RefusalKind.TOO_LARGE,
        RefusalKind.ENCODED,
    }
)
"""What a gateway's webhooks are refused for by a fault of its settings: somebody must change them."""

_BY_ADDRESS = _TELLING - {RefusalKind.WRONG_METHOD}
"""The same where its address alone says whose it is: a person's browser asks for a webhook's path too."""

_ASKING = {RefusalKind.RESTORE_KEY, RefusalKind.RESTORE_SHARED}
"""Those of them that are no webhooks."""


@dataclass(slots=True)
class _Mute:
    """What a gateway was refused since its last accepted webhook; ``last`` and ``detail`` are the newest's."""

    kinds: Counter[RefusalKind]
    last: RefusalKind
    detail: str
    shared: tuple[str, ...] = ()
    """The gateways it may have been, where more than one is at that address."""


@dataclass(slots=True)
class _Run:
    """Refusals of one address with several gateways, since they all were heard."""

    first: int
    last: int


@dataclass(slots=True)
class _Peer:
    count: int = 0
    last_at: int = 0
    """By the monotonic clock."""


@dataclass(slots=True)
class Refusals:
    """Counts refusals; ``count`` keeps them by gateway, ``advice`` says what to do about a kind at a gateway.

    ``keeps_contract`` tells whether a gateway does, as far as anybody knows: no other asks what to restore.
    """

    clock: Clock
    addresses: Addresses
    count: Callable[..., None]
    advice: Callable[[RefusalKind, str, str], str]
    keeps_contract: Callable[[str], bool] = lambda _: True
    log: SummingLog = field(default_factory=SummingLog)
    _mute: dict[str, _Mute] = field(default_factory=dict)
    _heard: dict[str, int] = field(default_factory=dict)
    _runs: dict[str, _Run] = field(default_factory=dict)
    _peers: dict[tuple[str, RefusalKind], _Peer] = field(default_factory=dict)
    _apart: set[str] = field(default_factory=set)
    _wrong_keys: WrongKeys = field(init=False)

    def __post_init__(self) -> None:
        self._wrong_keys = WrongKeys(self.clock)

    def note(
        self, kind: RefusalKind, peer: str | None, gateways: Sequence[str] = (), detail: str = ""
    ) -> None:
        """Count a request that was refused; ``gateways`` are those that its key or its route stands for.

        ``peer`` is the address it came from, ``None`` for the daemon's own socket; ``detail`` what was wrong with it.
        """
        address = SOCKET if peer is None else canonical(peer)
        near = self.addresses.at(address)
        named = tuple(name for name in gateways if name in near) or tuple(gateways)
        if named:
            self.count(kind, *named)
        else:
            self._count(kind, address)
        suspects = named or self._suspects_of(kind, near)
        if kind in _TELLING and suspects:
            self._suspect(kind, address, suspects, detail)
        who = f"gateway {', '.join(named)}" if named else address
        self.log.add(who, REFUSED[kind], detail)

    def wrong_key(self, kind: RefusalKind, peer: str | None, gateways: Sequence[str] = ()) -> int | None:
        """Count a request with a wrong key, which was compared with all that are right.

        Returns the seconds after which its sender may come again, if they showed too many.
        """
        self.note(kind, peer, gateways)
        return self._wrong_keys.note(canonical(peer)) if peer is not None else None

    def sender(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """Return the address that a request comes from: where a proxy shares a gateway's, the one it speaks for.

        What ``X-Forwarded-For`` says last is believed there alone, and can only make a gateway's address a stranger's.
        """
        if peer is None or forwarded is None or not self.addresses.at(peer):
            return peer
        named = forwarded.rpartition(b",")[2].strip().decode("latin-1")
        return named if is_address(named) else FORWARDED

    def listen(self, change: Change) -> None:
        """Notice which gateways were heard."""
        for gateway in {fact.gateway for fact, _ in change.webhooks}:
            self.accepted(gateway)

    def accepted(self, gateway: str) -> None:
        """Note that a gateway was heard: what it was refused before is over."""
        self._heard[gateway] = self.clock.monotonic()
        self._mute.pop(gateway, None)

    def answered(self, gateway: str) -> None:
        """Note that a gateway was told what to restore: what it was refused when it asked is over."""
        mute = self._mute.get(gateway)
        if mute is not None:
            for kind in _ASKING:
                del mute.kinds[kind]
            if not mute.kinds:
                del self._mute[gateway]

    def attention(self, gateway: str) -> list[Attention]:
        """Return why a gateway needs a person, if nothing of it was accepted since it was refused."""
        mute = self._mute.get(gateway)
        if mute is None:
            return []
        return [
            Attention(
                code=AttentionCode.WEBHOOKS_REFUSED,
                text=_summary(mute, gateway),
                action=self.advice(mute.last, gateway, mute.detail),
            )
        ]

    def peers(self) -> list[RefusedView]:
        """Return what no gateway is known by, most first."""
        ranked = sorted(self._peers.items(), key=lambda item: (-item[1].count, item[0]))
        return [
            RefusedView(
                peer=peer,
                kind=kind,
                count=seen.count,
                last_at=datetime.fromtimestamp(dated(self.clock, seen.last_at) / SECOND, UTC),
            )
            for (peer, kind), seen in ranked
        ]

    def _count(self, kind: RefusalKind, address: str) -> None:
        if address not in self._apart:
            if len(self._apart) < PEERS:
                self._apart.add(address)
            else:
                address = OTHERS
        seen = self._peers.setdefault((address, kind), _Peer())
        seen.count += 1
        seen.last_at = self.clock.monotonic()

    def _suspects_of(self, kind: RefusalKind, near: tuple[str, ...]) -> tuple[str, ...]:
        """Return the gateways at an address that may have sent what was refused."""
        if kind not in _BY_ADDRESS:
            return ()
        return tuple(name for name in near if kind not in _ASKING or self.keeps_contract(name))

    def _suspect(self, kind: RefusalKind, address: str, suspects: tuple[str, ...], detail: str) -> None:
        if len(suspects) > 1:
            suspects = self._unheard(address, suspects)
        for name in suspects:
            mute = self._mute.get(name)
            if mute is None:
                self._mute[name] = mute = _Mute(Counter(), kind, detail)
            mute.kinds[kind] += 1
            mute.last, mute.detail = kind, detail or mute.detail
            mute.shared = suspects if len(suspects) > 1 else ()

    def _unheard(self, address: str, suspects: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of several gateways at one address that were not heard while it was refused."""
        now = self.clock.monotonic()
        run = self._runs.get(address)
        heard = {name: self._heard.get(name, -1) for name in suspects}
        if run is None or all(at > run.last for at in heard.values()):
            self._runs[address] = run = _Run(now, now)
        run.last = now
        return tuple(name for name, at in heard.items() if at < run.first) or (
            min(heard, key=heard.__getitem__),
        )


def _summary(mute: _Mute, gateway: str) -> str:
    """Return what was refused, as ``3 webhooks refused: wrong key``."""
    total = mute.kinds.total()
    if len(mute.kinds) == 1:
        why = REFUSED[mute.last]
    else:
        why = ", ".join(f"{number} {REFUSED[kind]}" for kind, number in mute.kinds.most_common())
    what = "webhook" if total == 1 else "webhooks"
    if mute.kinds.keys() <= _ASKING:
        what = "request" if total == 1 else "requests"
    others = [name for name in mute.shared if name != gateway]
    doubt = f" (from its address, where {' and '.join(others)} {'is' if len(others) == 1 else 'are'} too)"
    return f"{total} {what} refused: {why}{doubt if others else ''}"
