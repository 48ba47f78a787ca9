"""Looks into a silence by the strongest check that a gateway has: WhatsApp's server is asked where that can be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container, Iterable, Mapping
from itertools import islice

from wa_tui.gateways import Capability, GatewayClient, GatewayError, ServerAnswer, ServerVerdict
from wa_tui.model.facts import Checked, GhostFound
from wa_tui.model.registers import MINUTE, Proof, SessionKey, Source, Status

from ..checking.checker import Checker
from ..clock import Clock, dated
from ..recording.recorder import Recorder

log = logging.getLogger("wa_tui.silence")

A_MINUTE = 12
"""Silences of a gateway that are looked into in a minute at most: each may be a question of an account to WhatsApp."""

AT_ONCE = 2
"""Of them those that are looked into together."""

SHORTEST, LONGEST = MINUTE, 32 * MINUTE
"""How long a session is not looked at again that nothing explains: twice as long each time."""

UNANSWERED = 3
"""Questions in a row without an answer after which nobody counts on one."""


class Looking:
    """Asks about silent sessions; ``asks_server``: WhatsApp's server may be asked at all."""

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        checker: Checker,
        recorder: Recorder,
        clock: Clock,
        *,
        asks_server: bool,
    ) -> None:
        self._clients = clients
        self._checker = checker
        self._recorder = recorder
        self._clock = clock
        self._asks_server = asks_server
        self._looks: dict[str, list[int]] = {}
        """When silences of each gateway were looked into in the last minute, by the clock that never steps."""
        self._unanswered: dict[SessionKey, int] = {}
        self._rests: dict[SessionKey, tuple[int, int]] = {}
        """Until when each is left alone, by the clock that never steps, and for how long."""

    def can_ask(self, key: SessionKey) -> bool:
        """Tell whether WhatsApp's server can be asked about a session, and answers."""
        return self.may_ask(key.gateway) and self._unanswered.get(key, 0) < UNANSWERED

    def may_ask(self, gateway: str) -> bool:
        """Tell whether a gateway passes questions on to WhatsApp's server."""
        client = self._clients.get(gateway)
        return self._asks_server and client is not None and Capability.SERVER_CHECK in client.capabilities

    def forget(self, key: SessionKey) -> None:
        """Begin anew with a session: it is not silent any more."""
        self._unanswered.pop(key, None)
        self._rests.pop(key, None)

    def keep(self, keys: Container[SessionKey]) -> None:
        """Forget all other sessions."""
        for gone in [key for key in self._rests if key not in keys]:
            self.forget(gone)

    async def look(self, gateway: str, silent: Iterable[SessionKey]) -> list[SessionKey]:
        """Look into silences of a gateway, the first ones first; returns those that something explains.

        As many as may be now. Who was looked at is left alone for a while, twice as long each time.
        """
        turns, explained = asyncio.Semaphore(AT_ONCE), list[SessionKey]()

        async def one(key: SessionKey) -> None:
            async with turns:
                if await self._look(key):
                    explained.append(key)

        await asyncio.gather(*map(one, self._due(gateway, silent)))
        return explained

    def _due(self, gateway: str, silent: Iterable[SessionKey]) -> list[SessionKey]:
        """Return those that are looked into now."""
        now = self._clock.monotonic()
        lately = [at for at in self._looks.get(gateway, ()) if now - at < MINUTE]
        found = [*islice((key for key in silent if self._is_rested(key, now)), A_MINUTE - len(lately))]
        for key in found:
            rest = min(2 * self._rests.get(key, (now, SHORTEST // 2))[1], LONGEST)
            self._rests[key] = now + rest, rest
        self._looks[gateway] = lately + [now] * len(found)
        return found

    def _is_rested(self, key: SessionKey, now: int) -> bool:
        return now >= self._rests.get(key, (now, 0))[0]

    async def _look(self, key: SessionKey) -> bool:
        """Look into one silence; tells whether something explains it: the server answers that all is fine.

        A denial is recorded: it makes a ghost. Without an answer, nothing is known.
        """
        if not self.may_ask(key.gateway):
            await self._checker.check(key)
            return False
        began = self._clock.monotonic()
        answer = await self._answer(key)
        if answer.verdict is ServerVerdict.NONE:
            self._unanswered[key] = self._unanswered.get(key, 0) + 1
            return False
        is_fine = answer.verdict is ServerVerdict.FINE
        if is_fine:
            self.forget(key)
        await self._recorder.record(self._found(key, began, answer))
        return is_fine

    def _found(self, key: SessionKey, began: int, answer: ServerAnswer) -> Checked | GhostFound:
        """Return what an answer to a question of that instant, by the clock that never steps, says of a session."""
        began_at, now = dated(self._clock, began), self._clock.now()
        if answer.verdict is ServerVerdict.DENIED:
            return GhostFound(*key, began_at, now, answer.detail)
        return Checked(*key, began_at, now, Status.CONNECTED, source=Source.TRAFFIC, proof=Proof.SERVER)

    async def _answer(self, key: SessionKey) -> ServerAnswer:
        try:
            return await self._clients[key.gateway].ask_server(key.session_id)
        except GatewayError as error:
            log.debug("WhatsApp's server could not be asked about %s: %s", key, error)
            return ServerAnswer(ServerVerdict.NONE, str(error))
