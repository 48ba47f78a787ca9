"""Which gateway of a kind of its own posts a webhook: by its route, and by how its kind shows its key."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from wa_tui.gateways import Posted, WebhookFormat
from wa_tui.gateways.authentication import by_header
from wa_tui.model.fleet import Fleet

from ..clock import Clock
from .requests import Scope

_ROUTED = re.compile(r"/api/v1/gateways/([^/]+)/webhook(?:/(.*))?", re.DOTALL)

PATIENCE = 5.0
"""Seconds that a webhook waits for its gateway's first health check."""

_usual = by_header("x-api-key")
"""How a gateway of unknown kind may show whose it is, where its route does not tell."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A gateway that posts in its kind's way; ``format`` is ``None`` while nobody knows its kind."""

    name: str
    key: str
    format: WebhookFormat | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A webhook whose body is not read yet, and the gateways that it may be from.

    ``routed`` are those that its path names; ``senders`` show their key by its head, or sign its body; ``certain`` are
    the former alone.
    """

    posted: Posted
    routed: Sequence[Sender]
    senders: Sequence[Sender]
    certain: Sequence[Sender]


class Senders:
    """The gateways that do not keep the contract, by name, and those of which nobody knows that yet.

    ``doubted`` tells which of them may be of another kind than they are said to be; ``tried`` waits until one was
    asked.
    """

    def __init__(
        self,
        fleet: Fleet,
        clock: Clock,
        doubted: Callable[[str], bool],
        tried: Callable[[str], Awaitable[None]],
    ) -> None:
        self._fleet = fleet
        self._clock = clock
        self._doubted = doubted
        self._tried = tried
        self._by_name: dict[str, Sender] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def add(self, sender: Sender) -> None:
        """Know a gateway, or know it as another kind's from now on."""
        self._by_name[sender.name] = sender

    def remove(self, name: str) -> None:
        """Know a gateway no more: it keeps the contract."""
        self._by_name.pop(name, None)

    def routes(self, path: str) -> bool:
        """Tell whether a path is that of one of them."""
        match = _ROUTED.fullmatch(path)
        return match is not None and match.group(1) in self

    def claim(self, scope: Scope) -> Claim:
        """Return whose a request may be, by its head."""
        match = _ROUTED.fullmatch(scope["path"])
        routed = [self._by_name[match.group(1)]] if match is not None else []
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        secret = (match.group(2) or "").rstrip("/") if match is not None else ""
        posted = Posted(headers, secret or None, self._clock.now())
        verdicts = [(each, self._verdict(each, posted)) for each in routed or self._by_name.values()]
        senders = [each for each, verdict in verdicts if verdict is not False]
        return Claim(posted, routed, senders, [each for each, verdict in verdicts if verdict])

    def unknown(self, claim: Claim) -> list[str]:
        """Return the gateways that a webhook may be from whose kind nobody knows for sure."""
        may_be = claim.routed or claim.senders
        return [each.name for each in may_be if each.format is None or self._doubted(each.name)]

    async def known(self, scope: Scope) -> Claim:
        """Return whose a request may be; the first ones wait until their gateway was asked what it is, for a while.

        Some kinds post each once: what is refused then never comes again.
        """
        claim = self.claim(scope)
        if claim.senders and (unknown := self.unknown(claim)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    for name in unknown:
                        await self._tried(name)
            claim = self.claim(scope)
        return claim

    def authentic(self, claim: Claim, body: bytes) -> Sequence[Sender]:
        """Return whose it is, now that its body is here."""
        if len(claim.certain) == len(claim.senders):
            return claim.certain
        posted = replace(claim.posted, body=body)
        return [each for each in claim.senders if self._verdict(each, posted)]

    def with_key(self, key: bytes | None) -> list[str]:
        """Return those of them that have a key, whatever way their kind shows it."""
        given = key or b""
        return [each.name for each in self._by_name.values() if hmac.compare_digest(each.key.encode(), given)]

    def without_keys(self, path: str) -> str:
        """Return a path without the key of any of them."""
        for sender in self._by_name.values():
            path = path.replace(sender.key, "…")
        return path

    def _verdict(self, sender: Sender, posted: Posted) -> bool | None:
        """Tell whether a webhook is a gateway's; ``None`` where that rests on a body that is not here."""
        if sender.format is None:
            return _usual(sender.key, posted)
        local = self._fleet.gateway(sender.name).local(posted.at)
        return sender.format.is_authentic(sender.key, replace(posted, at=local))
