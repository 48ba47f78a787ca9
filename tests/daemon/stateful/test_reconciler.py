"""The reconciler against model gateways: in any order, with anything lost, it ends at the gateways' own truth."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wa_tui.config import Healing
from wa_tui.daemon.recording.change import Change
from wa_tui.model.events import Kind
from wa_tui.model.facts import Webhook, WebhookMissing, key_of
from wa_tui.model.registers import DOWN, SessionKey, Status
from wa_tui.model.transition import Verdict

from .gateway import ModelGateway, Posted
from .profiles import SOAKING, bounded
from .stage import SYNCS, Stage

pytestmark = SOAKING

SESSIONS = ("a", "b")
GATEWAYS = ("g", "h")
"""They hold sessions of the same names."""
ON_TIME = 40_000
"""Milliseconds within which a webhook is no missing one."""

sessions = st.sampled_from(SESSIONS)
gateways = st.sampled_from(GATEWAYS)


class Reconciler(RuleBasedStateMachine):
    given: Mapping[str, Any] = {}
    """How the gateways are, where they are not the contract's."""

    def __init__(self) -> None:
        super().__init__()
        never = Healing(enabled=False)
        self.stage = Stage(*SESSIONS, healing=never, gateways=GATEWAYS, given=self.given)
        self.told = dict.fromkeys(GATEWAYS, True)
        """Webhooks have told everything so far, and all of them have come or are on their way."""
        self.steady = dict.fromkeys(GATEWAYS, True)
        """Its clock never stepped, it never restarted, no two webhooks are of one instant: each can be missed once."""
        self.untold: Counter[tuple[SessionKey, str]] = Counter()
        """What no webhook told in time."""
        self.delivered: list[tuple[Posted, asyncio.Task[None]]] = []
        """Webhooks that came in since the daemon's start; a task is done once its webhook is acknowledged."""
        self.wrong: list[str] = []
        # What a daemon finds right after its start it does not count.
        self.stage.loop.forward(50)
        self._watch()

    @rule(name=gateways, session=sessions, change=st.sampled_from(("connect", "show_code", "drop", "fail")))
    def changes(self, name: str, session: str, change: str) -> None:
        self.stage.call(getattr(self._gateway(name), change), session)

    @rule(name=gateways, session=sessions, how=st.sampled_from(("logout", "ban", "conflict")))
    def ends(self, name: str, session: str, how: str) -> None:
        self.stage.call(self._gateway(name).end, session, how)

    @rule(name=gateways, session=sessions, change=st.sampled_from(("die_silently", "vanish")))
    def changes_without_a_word(self, name: str, session: str, change: str) -> None:
        self.told[name] = False
        self.untold[SessionKey(name, session), Status.DISCONNECTED] += 1
        self.stage.call(getattr(self._gateway(name), change), session)

    @precondition(lambda self: self.stage.network)
    @rule(place=st.integers(0, 20), twice=st.booleans())
    def a_webhook_comes_in(self, place: int, twice: bool) -> None:
        network = self.stage.network
        self._deliver(network[place % len(network)] if twice else network.pop(place % len(network)))

    @precondition(lambda self: self.stage.network)
    @rule(place=st.integers(0, 20))
    def a_webhook_is_lost(self, place: int) -> None:
        self._lose(self.stage.network.pop(place % len(self.stage.network)))

    @rule(name=gateways, sync=st.sampled_from(SYNCS))
    def it_is_asked(self, name: str, sync: str) -> None:
        self.stage.sync(sync, name)
        self.stage.loop.settle()

    @rule(name=gateways, session=sessions, change=st.sampled_from(("connect", "show_code", "drop", "fail")))
    def a_list_is_quicker_than_the_webhook(self, name: str, session: str, change: str) -> None:
        self.changes(name, session, change)
        self.it_is_asked(name, "list-sync")
        self.time_passes(0.4)
        self._deliver(self.stage.network.pop())
        self.time_passes(70.0)

    @rule(name=gateways, hold=st.booleans())
    def answers_are_held_back(self, name: str, hold: bool) -> None:
        self.told[name] = self.told[name] and not hold
        self._gateway(name).hold() if hold else self._gateway(name).release()
        self.stage.loop.settle()

    @rule(seconds=st.sampled_from((0.001, 0.4, 3.0, 11.0, 70.0)))
    def time_passes(self, seconds: float) -> None:
        self.stage.loop.forward(seconds)

    @rule(name=gateways, offset=st.sampled_from((0, 1_500, 300_000, -300_000)))
    def its_clock_steps(self, name: str, offset: int) -> None:
        same = offset == self._gateway(name).offset
        self.told[name] = self.told[name] and same
        self.steady[name] = self.steady[name] and same
        self._gateway(name).offset = offset

    @rule(name=gateways, back=st.sets(sessions))
    def it_restarts(self, name: str, back: set[str]) -> None:
        self.told[name] = self.steady[name] = False
        self.stage.call(self._gateway(name).restart_service)
        for session in sorted(back):
            self.stage.call(self._gateway(name).begin, session)

    @rule(name=gateways, down=st.booleans())
    def it_is_out_of_reach(self, name: str, down: bool) -> None:
        self.told[name] = self.told[name] and not down
        self._gateway(name).down = down

    @rule()
    def the_daemon_is_killed(self) -> None:
        for posted, acknowledged in self.delivered:
            if not acknowledged.done():
                self._lose(posted)
        self.stage.kill()
        self.delivered.clear()
        self.stage.start()
        self._watch()

    @invariant()
    def nothing_goes_wrong(self) -> None:
        assert not self.stage.errors, self.stage.errors
        assert not self.wrong, self.wrong

    @invariant()
    def only_what_answered_that_it_is_connected_is_proven(self) -> None:
        for session in self.stage.daemon.parts.fleet.everything():
            if session.proven_at is not None:
                assert session.status is Status.CONNECTED, session
                proof = (session.session_id, session.proven_at)
                assert proof in self._gateway(session.gateway).proofs, session

    def teardown(self) -> None:
        try:
            self._quiescence()
            for name in GATEWAYS:
                if self.told[name]:
                    self._is_true(name)
            for job, seconds in (("health", 1), ("list-sync", 30)):
                for name in GATEWAYS:
                    self._completes(job, seconds, name)
            for name in GATEWAYS:
                self._is_true(name, claimed_alone=True)
            for name in GATEWAYS:
                self._completes("status-checks", 400, name)
                self._is_true(name)
            self.nothing_goes_wrong()
            self._is_counted()
        finally:
            self.stage.close()

    def _gateway(self, name: str) -> ModelGateway:
        return self.stage.gateways[name]

    def _deliver(self, posted: Posted) -> None:
        if self.stage.clock.now() - posted.left > ON_TIME:
            self.untold[SessionKey(posted.gateway, posted.session_id), posted.status] += 1
        self.delivered.append((posted, self.stage.deliver(posted)))

    def _lose(self, posted: Posted) -> None:
        self.told[posted.gateway] = False
        self.untold[SessionKey(posted.gateway, posted.session_id), posted.status] += 1

    def _watch(self) -> None:
        self.stage.daemon.parts.bus.subscribe(self._listen)

    def _listen(self, change: Change) -> None:
        """Rule 2, and no webhook is missed that came."""
        for fact, verdict in change.webhooks:
            if verdict is Verdict.CONTRADICTION:
                # Which of the two held cannot be told, nor which of them was missed.
                self.steady[fact.gateway] = False
        for event in change.events:
            match event.fact:
                case Webhook() if event.kind is Kind.STATUS:
                    check = change.sessions[key_of(event.fact)].check
                    late = check is not None and check.at < event.recorded and event.at < check.began
                    if late and event.after == event.fact.status:
                        self.wrong.append(f"a late webhook changed a status: {event}, after {check}")
                case WebhookMissing() as missed if self.steady[missed.gateway]:
                    self.untold[key_of(missed), missed.status] -= 1

    def _quiescence(self) -> None:
        """Nothing changes any more, and the network is empty."""
        for gateway in self.stage.gateways.values():
            gateway.down = False
            gateway.release()
        self.stage.loop.forward(30)
        for posted in reversed(self.stage.network):
            self._deliver(posted)
        self.stage.loop.forward(30)

    def _completes(self, job: str, seconds: float, name: str = GATEWAYS[0]) -> None:
        run = self.stage.run_job(job, name)
        self.stage.loop.forward(seconds)
        assert run.done(), job

    def _is_counted(self) -> None:
        """Each webhook has its verdict, and none that came is called missing."""
        delivered = Counter(posted.gateway for posted, _ in self.delivered)
        for name, number in delivered.items():
            assert self.stage.daemon.parts.counter.webhooks[name].total() == number, name
        for (key, status), number in self.untold.items():
            assert number >= 0 or not self.steady[key.gateway], (key, status, number)

    def _is_true(self, name: str, *, claimed_alone: bool = False) -> None:
        """Compare with the gateway's truth, or with what its list tells of it."""
        for session_id in SESSIONS:
            client, session = (
                self._gateway(name).clients.get(session_id),
                self.stage.session(session_id, name),
            )
            assert session is not None, session_id
            if client is None:
                assert session.status in DOWN, session
            elif client.claim is client.truth or not claimed_alone:
                assert session.status is client.truth, (client, session)
                assert session.unanswered is None or claimed_alone, session


TestReconciler = Reconciler.TestCase
TestReconciler.settings = bounded(200, 40)
