"""A gateway that is asked what it is, and then is that (``kind = "auto"``)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from wa_tui.identity.kinds import TITLES, GatewayKind

from .adapter import Adapter, Place
from .backend import Backend
from .deadlines import Deadlines
from .delegating import Delegating
from .errors import Call, Garbled, NoAnswer, Unreachable, Unrecognised
from .protocol import GatewayClient, Health
from .recognising import WITHIN, is_due, recognised
from .registry import ADAPTERS

logger = logging.getLogger(__name__)

_ABSENT = (Unreachable, NoAnswer)


class AutoClient(Delegating):
    """A `GatewayClient` that asks at its first health check what listens there, and again after it was away.

    Each adapter is asked in the order of ``adapters``. Until one recognises it calls raise `Unrecognised`. A kind stays
    until another is found: what answers for a while as none of them may be a proxy before it.
    """

    def __init__(
        self,
        place: Place,
        adapters: Mapping[GatewayKind, Adapter] = ADAPTERS,
    ) -> None:
        super().__init__()
        self._place = place
        self._adapters = adapters
        self.on_kind: Callable[[GatewayKind], None] = lambda _: None
        """Called with what it is found to be."""
        self._root = _Root(place)
        self._turn = asyncio.Lock()
        self._unsure: int | None = 0
        """Health checks since nobody knows what is there; ``None`` once that is found."""

    @property
    def name(self) -> str:
        """The gateway's name in the configuration."""
        return self._place.name

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return self._root.url

    async def health(self) -> Health:
        """Ask how it is, and before that what it is where nobody knows. Raises `Unrecognised` where that is in vain."""
        async with self._turn:
            try:
                if self._unsure is not None:
                    if is_due(self._unsure):
                        await self._recognise()
                    else:
                        self._unsure += 1
                if self._client is None:
                    raise await self._unrecognised()
                return await self._client.health()
            except _ABSENT:
                # Another may listen there by the time that anything does again.
                self._unsure = 0
                raise

    async def _recognise(self) -> None:
        """Ask what it is; the kind that it was first, since that is the likeliest."""
        known = self.kind
        kinds = sorted(self._adapters, key=lambda kind: kind is not known)
        try:
            found = await recognised(self._place, [self._adapters[kind] for kind in kinds])
        except TimeoutError:
            raise NoAnswer(self._call(), f"did not tell within {WITHIN:g} s what it is") from None
        self._unsure = (self._unsure or 0) + 1 if found is None else None
        if found is None or found is known:
            return
        before, self._client = self._client, self._adapters[found].connect(self._place)
        logger.info("Gateway %s turned out to be %s (%s)", self.name, TITLES[found], self.url)
        self.on_kind(found)
        if before is not None:
            await before.close()

    async def _unrecognised(self) -> Unrecognised:
        """Return what answers that is none of the kinds. Raises `Unreachable` and `NoAnswer` where nothing does."""
        asked = ", ".join(self._adapters)
        return Unrecognised(
            self._call(),
            f"nobody knows what answers there: {await self._root.greeting()}",
            f"set its kind, and see that {self.url} is right (it was asked whether it is: {asked})",
        )

    def _call(self, session_id: str | None = None) -> Call:
        return Call(self.name, self.url, "GET", "/", session_id)

    def _known(self, session_id: str | None = None) -> GatewayClient:
        """Return the client of what it is; raises `Unrecognised`."""
        if self._client is None:
            advice = f"wait until {self.name} answers, or set its kind"
            raise Unrecognised(self._call(session_id), "nobody knows yet what kind of gateway it is", advice)
        return self._client

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
        await self._root.close()
        if self._client is not None:
            await self._client.close()


class _Root(Backend):
    """What anything that speaks HTTP may be asked."""

    kind = GatewayKind.CONTRACT

    def __init__(self, place: Place) -> None:
        super().__init__(place, {}, frozenset(), slots=1)

    async def greeting(self) -> str:
        """Return what answers at the root, in a few words. Raises `Unreachable` and `NoAnswer`."""
        call = self._call("GET", "/")
        try:
            answer = await self._exchange(call, Deadlines().health, headers={}, health=True)
        except Garbled as error:
            return error.detail
        server = answer.headers.get("server") or answer.headers.get("x-powered-by")
        return f"HTTP {answer.status_code}" + (f" of {server[:40]!r}" if server else "")
