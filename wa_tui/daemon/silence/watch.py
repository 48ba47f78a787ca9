"""Once a minute: who is silent for longer than is usual, and whether that is a quiet hour or a ghost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wa_tui.gateways import GatewayClient
from wa_tui.model.facts import ClockStepped, HostSlept, SilenceEnded, SilenceNoted
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import MINUTE, Desired, GatewayState, SessionKey, Status
from wa_tui.model.rhythm import Rhythm
from wa_tui.model.session import Session
from wa_tui.model.silence import SilenceCause
from wa_tui.model.suspicion import Doubt, Quiet
from wa_tui.model.traffic import Flow

from ..clock import Clock
from ..recording.change import Change
from ..recording.recorder import Recorder
from ..traffic import Traffic
from .hush import GatewayHushes, Hush
from .looking import Looking
from .rhythms import Rhythms
from .state import Sign, Silence
from .unsent import Unsent

EVERY = 60.0
"""Seconds between two rounds."""

SETTLING = 5 * MINUTE
"""How long nothing is said of a gateway that has just come back, or of a daemon that has just begun to listen."""

STRETCH = 50
"""Sessions that are looked at at a stretch: webhooks go between two of them."""

STRETCH_OF_NAMES = 1_000
"""Sessions that are only looked up at a stretch."""

_TRAFFIC = (Flow.RECEIVED, Flow.SENT)
_ANSWERING = (GatewayState.UP, GatewayState.SLOW)


class SilenceWatch:
    """Compares each connected session with its own rhythm, records what is strange, and has it looked into."""

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        traffic: Traffic,
        rhythms: Rhythms,
        looking: Looking,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._traffic = traffic
        self._rhythms = rhythms
        self._looking = looking
        self._recorder = recorder
        self._clock = clock
        self._unsent = Unsent(traffic, clock)
        self._silences: dict[SessionKey, Silence] = {}
        self._listens_since = clock.now()
        """Since when whatever happened was heard, by our clock as it is now."""
        self.hushes = GatewayHushes(recorder)

    def listen(self, change: Change) -> None:
        """Begin anew where the host slept or its clock was set: nothing was heard, or it is dated otherwise."""
        for event in change.events:
            if isinstance(event.fact, HostSlept | ClockStepped):
                self._listens_since = self._clock.now()
                self._silences.clear()
            if isinstance(event.fact, ClockStepped):
                self.hushes.step(event.fact.by)

    async def run(self) -> str:
        """Do one round, for the job; returns what was found, in a few words."""
        heard_of = {name: keys for name in self._clients if (keys := self._heard_of(name))}
        self.hushes.keep(heard_of)
        await self._rhythms.refresh([key for keys in heard_of.values() for key in keys])
        watched = {
            name: await self._watched(self._fleet.gateway(name), keys) for name, keys in heard_of.items()
        }
        self._keep({key for keys in watched.values() for key in keys})
        signs = {name: await self._round(name, keys) for name, keys in watched.items() if keys}
        # Together: a gateway that hangs has nobody wait but its own.
        await asyncio.gather(*(self._look(name, found) for name, found in signs.items()))
        return f"{sum(map(len, watched.values()))} watched, {sum(map(len, signs.values()))} strangely silent"

    def _keep(self, watched: set[SessionKey]) -> None:
        """Begin anew with all sessions that are not watched."""
        for key in self._silences.keys() - watched:
            del self._silences[key]
        self._unsent.keep(watched)
        self._looking.keep(watched)

    def _heard_of(self, gateway: str) -> list[SessionKey]:
        """Return the sessions whose messages are heard of."""
        if not self._traffic.flows(gateway).intersection(_TRAFFIC):
            return []
        return [session.key for session in self._fleet.sessions(gateway)]

    async def _watched(self, gateway: Gateway, heard_of: Sequence[SessionKey]) -> list[SessionKey]:
        """Return the sessions whose silence says something: they should work, and they would be heard."""
        await self._recorder.give_way()
        if gateway.state not in _ANSWERING or gateway.restoring:
            return []
        if self._clock.now() - self._heard_since(gateway) < SETTLING:
            return []
        watched: list[SessionKey] = []
        async for stretch in self._recorder.stretches(heard_of, STRETCH_OF_NAMES):
            watched += [key for key in stretch if self._should_work(key) is not None]
        return watched

    def _should_work(self, key: SessionKey) -> Session | None:
        """Return a session as it is now if it says that it works, and should."""
        session = self._fleet.session(key)
        if session is None or session.deleted_at is not None or session.status is not Status.CONNECTED:
            return None
        return session if session.desired is Desired.ONLINE else None

    def _heard_since(self, gateway: Gateway) -> int:
        return max(self._listens_since, gateway.came_up, gateway.returned_at)

    async def _round(self, name: str, watched: Sequence[SessionKey]) -> dict[SessionKey, Sign]:
        """Look at one gateway's sessions; returns and records what is strange."""
        hush = Hush(self._rhythms.calendar.local(self._clock.now()))
        signs = await self._signs(name, watched, hush)
        quiet = [key for key, sign in signs.items() if sign.cause is SilenceCause.QUIET]
        if await self.hushes.judge(name, hush):
            for key in quiet:
                # WhatsApp's server may know better which of them is a ghost; nothing else there does.
                if self._looking.may_ask(name):
                    signs[key] = replace(signs[key], is_strange=False)
                else:
                    del signs[key]
        elif len(quiet) == 1 and hush.has_many:
            [alone] = quiet
            signs[alone] = replace(signs[alone], cause=SilenceCause.ALONE)
        await self._note(signs)
        return signs

    async def _signs(self, name: str, watched: Sequence[SessionKey], hush: Hush) -> dict[SessionKey, Sign]:
        """Return what is strange about a gateway's sessions, and record what is no more."""
        heard_since, signs = self._heard_since(self._fleet.gateway(name)), dict[SessionKey, Sign]()
        async for stretch in self._recorder.stretches(watched, STRETCH):
            # As they are now: much may have come in since the round began.
            sessions = [session for key in stretch if (session := self._should_work(key)) is not None]
            ended = await self._end_over(sessions)
            for session in sessions:
                self._listen_to(session, heard_since, hush)
                sign = None if session.key in ended else await self._sign(session, heard_since)
                if sign is not None:
                    signs[session.key] = sign
        return signs

    async def _end_over(self, sessions: Sequence[Session]) -> set[SessionKey]:
        """Record that messages go through sessions again that were silent; returns which."""
        now, facts = self._clock.now(), list[SilenceEnded]()
        for session in sessions:
            if session.silent is None and session.ghost is None:
                continue
            resumed = self._unsent.resumed(session)
            if resumed is not None:
                facts.append(SilenceEnded(*session.key, at=now, resumed=resumed))
                self._looking.forget(session.key)
        if facts:
            await self._recorder.record(*facts)
        return {SessionKey(fact.gateway, fact.session_id) for fact in facts}

    async def _sign(self, session: Session, heard_since: int) -> Sign | None:
        """Return what is strange about a session now."""
        key = session.key
        if session.ghost is not None:
            # Healing has it, or a person: what it was restarted for is looked into when it is silent again.
            return None
        unsent = self._unsent.sign(session)
        if unsent is not None:
            return unsent
        rhythm = self._rhythms.of(key)
        if rhythm is None:
            return None
        silence = self._silence(session, heard_since)
        if self._doubt(key, rhythm, silence) is Doubt.NONE:
            return None
        await self._count(key, rhythm, silence, heard_since)
        doubt = self._doubt(key, rhythm, silence)
        return Sign(
            SilenceCause.QUIET,
            silence.since,
            rhythm.usual(self._rhythms.calendar.local(silence.since)),
            calls=doubt is Doubt.LASTING and not self._looking.can_ask(key),
            is_strange=doubt >= Doubt.STRANGE,
        )

    def _listen_to(self, session: Session, heard_since: int, hush: Hush) -> None:
        """Add a session to what is heard of its gateway as a whole."""
        rhythm = self._rhythms.of(session.key)
        if rhythm is not None and session.ghost is None:
            local = self._rhythms.calendar.local
            heard = self._traffic.last(session.key, *_TRAFFIC, Flow.ACKED)
            hush.add(rhythm, local(self._silence(session, heard_since).since), heard)

    def _silence(self, session: Session, heard_since: int) -> Silence:
        """Return the silence that a session is in: from its last sign of life on, or since anybody would hear one."""
        key, noted = session.key, session.silent
        if noted is not None:
            # It goes on over a restart of ours, and over what is sent into it: that did not end it.
            since = noted.since
        else:
            # The last acknowledgement comes after the last message, and ends no silence that begins with it.
            last = self._traffic.last(key, *_TRAFFIC, Flow.ACKED)
            since = min(max(last, heard_since, session.status_since), self._clock.now())
        silence = self._silences.get(key)
        if silence is None or silence.since != since:
            silence = self._silences[key] = Silence(since)
        return silence

    async def _count(self, key: SessionKey, rhythm: Rhythm, silence: Silence, heard_since: int) -> None:
        """Count what was to be expected in a silence since the last look at it."""
        lately = await self._rhythms.share(key.gateway)
        if silence.own_share is None:
            silence.own_share = self._rhythms.own_share(key, rhythm, silence.since, heard_since)
        local, now = self._rhythms.calendar.local, self._clock.now()
        since = silence.counted_until or silence.since
        silence.stirs += rhythm.expected(local(since), local(now)) * min(silence.own_share, lately)
        silence.counted_until = now

    def _doubt(self, key: SessionKey, rhythm: Rhythm, silence: Silence) -> Doubt:
        local = self._rhythms.calendar.local
        explained = None if silence.explained_at is None else local(silence.explained_at)
        asks = self._looking.can_ask(key)
        quiet = Quiet(rhythm, local(silence.since), asks, silence.stirs, explained, silence.times)
        return quiet.doubt(local(self._clock.now()))

    async def _note(self, signs: Mapping[SessionKey, Sign]) -> None:
        """Record what is strange; told again only where that is news."""
        now = self._clock.now()
        facts = [
            SilenceNoted(*key, now, sign.since, sign.cause, sign.usual_ms, sign.calls)
            for key, sign in signs.items()
            if sign.is_strange
        ]
        async for stretch in self._recorder.stretches(facts, STRETCH):
            await self._recorder.record(*stretch)

    async def _look(self, gateway: str, signs: Mapping[SessionKey, Sign]) -> None:
        """Have what is strange looked into: what was never explained first, the longest silence of all first."""

        def turn(key: SessionKey) -> tuple[int, int]:
            silence = self._silences.get(key)
            return 0 if silence is None else silence.explained_at or 0, signs[key].since

        for key in await self._looking.look(gateway, sorted(signs, key=turn)):
            if signs[key].cause in (SilenceCause.UNACKED, SilenceCause.QUEUED):
                continue
            now, silence, session = self._clock.now(), self._silences.get(key), self._fleet.session(key)
            if silence is not None:
                silence.explained(now)
            if session is not None and session.silent is not None:
                await self._recorder.record(SilenceEnded(*key, at=now))
