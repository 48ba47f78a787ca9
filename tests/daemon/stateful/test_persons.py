"""Persons against healing: whatever drops, restarts, hangs or is lost, and whenever, a person's action wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from wa_tui.config import Healing
from wa_tui.daemon.actions import Refusal
from wa_tui.model.registers import Source, Status
from wa_tui.wire import ActionRequest

from .profiles import SOAKING, bounded
from .stage import GATEWAY, SYNCS, Stage

pytestmark = SOAKING

SESSIONS = ("user_1_instance_a", "user_1_instance_b", "user_2_instance_c")
EAGER = Healing(
    at_once=1,
    backoff_min=0.5,
    backoff_max=8.0,
    attempts_per_hour=10_000,
    flapping_drops=10_000,
    breaker_failures=3,
    breaker_pause=5.0,
    stuck=20.0,
)
ONLINE = ("reconnect", "refresh_qr", "new", "restart")
OFFLINE = ("disconnect", "delete", "logout")
PERSON = "a person"

sessions = st.sampled_from(SESSIONS)


class Persons(RuleBasedStateMachine):
    given: Mapping[str, Any] = {}
    """How the gateway is, where it is not the contract's."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(*SESSIONS, healing=EAGER, given=self.given)
        self.gateway = self.stage.gateway
        self.gateway.asked = self._asked
        self.stopped: set[str] = set()
        """What a person wants to be offline, from when the daemon accepted it until a person asks again."""
        self.asking: set[str] = set()
        self.superseded: list[tuple[float, str]] = []
        """Sessions a person has taken over, and by when healing has let go of them."""
        self.broken: list[str] = []
        self.lossy = False

    @rule(session=sessions, action=st.sampled_from(OFFLINE + ONLINE))
    def a_person_asks(self, session: str, action: str) -> None:
        if session not in self.asking:
            self.asking.add(session)
            self.stage.loop.create_task(self._ask(session, action))

    @rule(seconds=st.sampled_from((0.3, 1.5, 6.0)))
    def all_drop_and_wait_for_their_turn(self, seconds: float) -> None:
        self.gateway.start_takes = 20.0
        for session in SESSIONS:
            self.one_drops(session, "NAVIGATION")
        self._forward(seconds)

    @rule(session=sessions, detail=st.sampled_from(("NAVIGATION", "Browser disconnected")))
    def one_drops(self, session: str, detail: str) -> None:
        if session in self.gateway.clients:
            self.stage.call(self.gateway.drop, session, detail)

    @rule(session=sessions)
    def one_dies_silently(self, session: str) -> None:
        if session in self.gateway.clients:
            self.stage.call(self.gateway.die_silently, session)

    @rule(session=sessions, how=st.sampled_from(("logout", "ban", "conflict")))
    def one_needs_a_person(self, session: str, how: str) -> None:
        if session in self.gateway.clients:
            self.stage.call(self.gateway.end, session, how)

    @rule(session=sessions)
    def a_phone_scans(self, session: str) -> None:
        client = self.gateway.clients.get(session)
        if client is not None and client.truth is Status.QR_PENDING:
            # Who scans has asked for it.
            self.stopped.discard(session)
            self.stage.call(self.gateway.connect, session)

    @rule(back=st.booleans())
    def the_gateway_restarts(self, back: bool) -> None:
        wanted = [s.session_id for s in self.stage.daemon.parts.fleet.sessions() if s.restorable]
        self.stage.call(self.gateway.restart_service)
        for session in wanted if back else ():
            self.stage.call(self.gateway.begin, session)

    @rule(down=st.booleans())
    def the_gateway_is_out_of_reach(self, down: bool) -> None:
        self.gateway.down = down

    @rule(seconds=st.sampled_from((0.2, 3.0, 40.0)))
    def starts_take(self, seconds: float) -> None:
        self.gateway.start_takes = seconds

    @rule(hold=st.booleans())
    def answers_are_held_back(self, hold: bool) -> None:
        self.gateway.hold() if hold else self.gateway.release()

    @rule(lossy=st.booleans())
    def webhooks_are_lost(self, lossy: bool) -> None:
        self.lossy = lossy

    @rule(name=st.sampled_from(SYNCS))
    def the_gateway_is_asked(self, name: str) -> None:
        self.stage.sync(name)

    @rule()
    def the_daemon_is_killed(self) -> None:
        self.stage.kill()
        self.asking.clear()
        self.superseded.clear()
        # Nobody waits for an answer of the gateway any more.
        self.gateway.changing.clear()
        self.stage.start()

    @rule(seconds=st.sampled_from((0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 30.0)))
    def time_passes(self, seconds: float) -> None:
        self._forward(seconds)

    @invariant()
    def no_wish_of_a_person_was_passed_over(self) -> None:
        assert not self.broken, self.broken

    @invariant()
    def healing_lets_go_of_what_a_person_takes(self) -> None:
        taken = {session for deadline, session in self.superseded if deadline < self.stage.loop.time()}
        self.superseded = [each for each in self.superseded if each[1] not in taken]
        for row in self.stage.daemon.parts.runner.open():
            healing = row.who == Source.HEAL and row.session_id in taken
            persons = any(
                other.session_id == row.session_id
                and other.who == PERSON
                and other.action in OFFLINE + ONLINE
                for other in self.stage.daemon.parts.runner.open()
            )
            assert not (healing and persons), row

    @invariant()
    def nothing_goes_wrong(self) -> None:
        assert not self.stage.errors, self.stage.errors

    def teardown(self) -> None:
        try:
            self._quiescence()
            self.no_wish_of_a_person_was_passed_over()
            self.nothing_goes_wrong()
            self._what_is_wanted_is_back()
        finally:
            self.stage.close()

    def _asked(self, verb: str, session: str) -> None:
        """Judge a change as it arrives at the gateway."""
        if verb in ("init", "restart") and session in self.stopped:
            self.broken.append(f"{session} was started although a person had stopped it")
        if self.gateway.changing[session] > 1:
            self.broken.append(f"two changes of {session} at once")

    async def _ask(self, session: str, action: str) -> None:
        """Have a person ask for an action, and note what that person wants from when it was accepted."""
        request = ActionRequest(
            action=action,  # type: ignore[arg-type]  # one of OFFLINE and ONLINE
            gateway=GATEWAY,
            session_id=session,
            user_id="1",
            instance_name=session if action == "new" else None,
            force=True,
        )
        was_stopped = session in self.stopped
        if action in ONLINE:
            self.stopped.discard(session)
        try:
            await self.stage.daemon.parts.runner.submit(request, PERSON)
        except Refusal:
            if was_stopped:
                self.stopped.add(session)
        else:
            if action in OFFLINE:
                self.stopped.add(session)
            self.superseded.append((self.stage.loop.time() + 0.5, session))
        self.asking.discard(session)

    def _forward(self, seconds: float) -> None:
        """Let time pass; webhooks come in as they are sent, or are lost."""
        end = self.stage.loop.time() + seconds
        while (left := end - self.stage.loop.time()) > 0:
            self.stage.loop.forward(min(left, 0.25))
            posted, self.stage.network[:] = list(self.stage.network), []
            for each in () if self.lossy else posted:
                self.stage.deliver(each)

    def _quiescence(self) -> None:
        """Everything answers, starts are quick, nothing is lost; jobs run as they do."""
        self.gateway.down, self.gateway.start_takes, self.lossy = False, 0.2, False
        self.gateway.release()
        for _ in range(8):
            self.stage.run_job("health")
            self.stage.run_job("list-sync")
            self._forward(15)
        self.stage.run_job("status-checks")
        self._forward(300)

    def _what_is_wanted_is_back(self) -> None:
        for session in self.stage.daemon.parts.fleet.sessions():
            client = self.gateway.clients.get(session.session_id)
            well = client is not None and client.truth is Status.CONNECTED
            assert session.status is (client.truth if client else Status.DISCONNECTED), (session, client)
            if session.restorable and session.reason is None:
                assert well, (session, client)


TestPersons = Persons.TestCase
TestPersons.settings = bounded(120, 50)


def test_what_is_switched_off_before_its_gateway_is_seen_again_is_down() -> None:
    """It was to be restored until then, and nobody restores it any more: no list says that it starts."""
    persons = Persons()
    persons.the_gateway_restarts(back=False)
    persons.the_daemon_is_killed()
    persons.the_gateway_is_out_of_reach(down=True)
    persons.a_person_asks(action="disconnect", session=SESSIONS[0])
    persons.time_passes(0.3)
    persons.teardown()
