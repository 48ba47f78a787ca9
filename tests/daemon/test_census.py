"""The fleet in numbers is what counting everybody anew would give, whatever happened in between."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from wa_tui.daemon.recording.change import Change
from wa_tui.daemon.recording.recorder import Recorder
from wa_tui.daemon.views.census import Census
from wa_tui.daemon.views.wire_views import session_view
from wa_tui.model.acknowledgement import Acknowledged
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Credentials, Desired, Reason, SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.wire import (
    AcknowledgedView,
    GatewayView,
    HealingView,
    SessionView,
    calls,
    condition,
    is_covered,
    is_quiet,
    is_snoozed,
)

from .conftest import NewDaemon

NOW = 1_795_400_000_000
WINDOW = 600.0
WHEN = datetime.fromtimestamp(NOW / 1000, UTC)
GATEWAYS = [
    GatewayView(name="eu-1", url="http://x", state="up", returned_at=WHEN - timedelta(seconds=300)),
    GatewayView(name="eu-2", url="http://x", state="up"),
    GatewayView(name="us-1", url="http://x", state="down"),
]


class World:
    """A fleet that changes at random, its census, and what counting everybody anew finds."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.healing: dict[SessionKey, HealingView] = {}
        self.fleet = Fleet(self.session(number) for number in range(700))
        recorder = SimpleNamespace(fleet=self.fleet, tell=lambda: None, give_way=self.meanwhile)
        self.census = Census(cast(Recorder, recorder), self.healing.get)

    def session(self, number: int) -> Session:
        """One session in any state that the model can have."""
        dice = self.dice
        deleted = dice.random() < 0.1
        return Session(
            gateway=dice.choice(GATEWAYS).name,
            session_id=f"s{number}",
            created_at=NOW,
            status=dice.choice([*Status, *[Status.CONNECTED] * 5]),
            status_since=NOW - dice.randrange(10**7),
            desired=dice.choice([*Desired]),
            credentials=dice.choice([*Credentials]),
            reason=dice.choice([None, Reason.BANNED, Reason.OTHER, Reason.MISSING]),
            proven_at=dice.choice([None, NOW - dice.randrange(1_200_000), NOW + 60_000]),
            snoozed_until=dice.choice([0, 0, NOW + 5_000, NOW - 5_000]),
            acknowledged=Acknowledged("me", NOW) if dice.random() < 0.2 else None,
            deleted_at=NOW if deleted else None,
            orphan=deleted and dice.random() < 0.5,
        )

    def happen(self, number: int) -> None:
        """Some sessions change, go, or are healed."""
        change = Change()
        for session in self.dice.sample([*self.fleet.everything()], number):
            match self.dice.randrange(4):
                case 0:
                    self.fleet._drop(session.key)
                    change.removed.add(session.key)
                case 1:
                    state = self.dice.choice(["waiting", "exhausted"])
                    self.healing[session.key] = HealingView(
                        state=cast(Any, state), why="its budget is used up"
                    )
                    change.sessions[session.key] = session
                case _:
                    moved = replace(self.session(int(session.session_id[1:])), gateway=session.gateway)
                    self.fleet._put(moved.key, moved)
                    change.sessions[moved.key] = moved
        self.census.listen(change)

    async def meanwhile(self) -> None:
        """What happens between two stretches is counted too."""
        if self.dice.random() < 0.5:
            self.happen(3)

    def views(self) -> list[SessionView]:
        """Everybody, made anew."""
        return [
            session_view(session, [], self.healing.get(session.key))
            for session in self.fleet.everything()
            if session.deleted_at is None or session.orphan
        ]


def quieted_at_random(view: GatewayView, dice: random.Random) -> GatewayView:
    """The gateway, as it is after somebody quieted it, or not."""
    until, taken = dice.choice([None, None, WHEN + timedelta(1), WHEN - timedelta(1)]), dice.random() < 0.2
    acknowledged = AcknowledgedView(who="me", at=WHEN) if taken else None
    return replace(view, snoozed_until=until, acknowledged=acknowledged)


async def test_it_says_what_counting_everybody_anew_would() -> None:
    for seed in range(8):
        world = World(seed)
        for _ in range(6):
            shown = [quieted_at_random(view, world.dice) for view in GATEWAYS]
            gateways = {view.name: view for view in shown}
            found = await world.census.counts(shown, WHEN, WINDOW)
            views = world.views()
            needing = [view for view in views if view.attention is not None]
            assert found.total == sum(not view.orphan for view in views)
            calling = [view for view in needing if calls(view, gateways[view.gateway], WHEN)]
            assert found.needs_person == len(calling)
            assert found.snoozed == sum(is_snoozed(view, WHEN) for view in needing)
            assert found.covered == sum(
                is_covered(view, gateways[view.gateway], WHEN) and not is_quiet(view, WHEN)
                for view in needing
            )
            assert found.acknowledged == len(needing) - found.needs_person - found.snoozed - found.covered
            assert found.by_status == Counter(view.status for view in views if not view.orphan)
            assert found.by_condition == Counter(
                condition(view, gateways[view.gateway], WHEN, WINDOW) for view in views
            )
            named = world.census.calling(shown, WHEN, 10_000)
            assert set(named) == {view.key for view in calling}
            needs = {view.key: view.attention.code.urgency for view in calling if view.attention is not None}
            assert [needs[key] for key in named] == sorted(needs.values()), "the most urgent first"
            assert world.census.calling(shown, WHEN, 5) == named[:5]
            world.happen(200)


async def test_status_knows_what_healing_gave_up_and_what_a_person_took_on(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    await daemon.start()
    await daemon.connected("a", "b", "c")
    await daemon.post_webhook("a", "disconnected", reason="LOGOUT")
    view = await daemon.client.status()
    assert (view.sessions.needs_person, view.sessions.by_condition) == (1, {"scan QR": 1, "claimed": 2})
    assert [session.session_id for session in view.calling] == ["a"]
    assert not view.calling[0].history
