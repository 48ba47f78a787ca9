"""The reconciler against a model gateway: in any order, with anything lost, it ends at the gateway's own truth."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wa_tui.config import Healing
from wa_tui.model.registers import DOWN, Status

from .profiles import bounded
from .stage import SYNCS, Stage

SESSIONS = ("a", "b", "c")

sessions = st.sampled_from(SESSIONS)


class Reconciler(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(*SESSIONS, healing=Healing(enabled=False))
        self.gateway = self.stage.gateway
        self.told = True
        """Webhooks have told everything so far, and all of them have come or are on their way."""

    @rule(session=sessions, change=st.sampled_from(("connect", "show_code", "drop", "fail")))
    def changes(self, session: str, change: str) -> None:
        self.stage.call(getattr(self.gateway, change), session)

    @rule(session=sessions, how=st.sampled_from(("logout", "ban", "conflict")))
    def ends(self, session: str, how: str) -> None:
        self.stage.call(self.gateway.end, session, how)

    @rule(session=sessions, change=st.sampled_from(("die_silently", "vanish")))
    def changes_without_a_word(self, session: str, change: str) -> None:
        self.told = False
        self.stage.call(getattr(self.gateway, change), session)

    @precondition(lambda self: self.stage.network)
    @rule(place=st.integers(0, 20), twice=st.booleans())
    def a_webhook_comes_in(self, place: int, twice: bool) -> None:
        network = self.stage.network
        posted = network[place % len(network)] if twice else network.pop(place % len(network))
        self.stage.deliver(posted)

    @precondition(lambda self: self.stage.network)
    @rule(place=st.integers(0, 20))
    def a_webhook_is_lost(self, place: int) -> None:
        self.told = False
        del self.stage.network[place % len(self.stage.network)]

    @rule(name=st.sampled_from(SYNCS))
    def it_is_asked(self, name: str) -> None:
        self.stage.sync(name)
        self.stage.loop.settle()

    @rule(hold=st.booleans())
    def answers_are_held_back(self, hold: bool) -> None:
        self.told = self.told and not hold
        self.gateway.hold() if hold else self.gateway.release()
        self.stage.loop.settle()

    @rule(seconds=st.sampled_from((0.001, 0.4, 3.0, 11.0, 70.0)))
    def time_passes(self, seconds: float) -> None:
        self.stage.loop.forward(seconds)

    @rule(offset=st.sampled_from((0, 1_500, 300_000, -300_000)))
    def its_clock_steps(self, offset: int) -> None:
        self.told = self.told and offset == self.gateway.offset
        self.gateway.offset = offset

    @rule(back=st.sets(sessions))
    def it_restarts(self, back: set[str]) -> None:
        self.told = False
        self.stage.call(self.gateway.restart)
        for session in sorted(back):
            self.stage.call(self.gateway.begin, session)

    @rule(down=st.booleans())
    def it_is_out_of_reach(self, down: bool) -> None:
        self.told = self.told and not down
        self.gateway.down = down

    @rule()
    def the_daemon_is_killed(self) -> None:
        self.stage.kill()
        self.stage.start()

    @invariant()
    def nothing_goes_wrong(self) -> None:
        assert not self.stage.errors, self.stage.errors

    @invariant()
    def only_what_is_connected_is_proven(self) -> None:
        for session in self.stage.daemon.core.fleet.everything():
            assert session.proven_at is None or session.status is Status.CONNECTED, session

    def teardown(self) -> None:
        try:
            self._quiescence()
            if self.told:
                self._is_true()
            for job, seconds in (("health", 1), ("list-sync", 30)):
                self._completes(job, seconds)
            self._is_true(claimed_alone=True)
            self._completes("sync-session-status", 400)
            self._is_true()
        finally:
            self.stage.close()

    def _quiescence(self) -> None:
        """Nothing changes any more, and the network is empty."""
        self.gateway.down = False
        self.gateway.release()
        self.stage.loop.forward(30)
        for posted in reversed(self.stage.network):
            self.stage.deliver(posted)
        self.stage.loop.forward(30)

    def _completes(self, job: str, seconds: float) -> None:
        run = self.stage.run_job(job)
        self.stage.loop.forward(seconds)
        assert run.done(), job

    def _is_true(self, *, claimed_alone: bool = False) -> None:
        """Compare with the gateway's truth, or with what its list tells of it."""
        for name in SESSIONS:
            client, session = self.gateway.clients.get(name), self.stage.session(name)
            assert session is not None, name
            if client is None:
                assert session.status in DOWN, session
            elif client.claim is client.truth or not claimed_alone:
                assert session.status is client.truth, (client, session)
                assert session.silence is None or claimed_alone, session


TestReconciler = Reconciler.TestCase
TestReconciler.settings = bounded(200, 40)
