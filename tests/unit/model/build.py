"""Short ways to say what happened, for tests of the model; times are seconds after `EPOCH`."""

from __future__ import annotations

from typing import Any

from wa_tui.model.apply import apply
from wa_tui.model.events import Event
from wa_tui.model.facts import (
    ActionAccepted,
    ActionEnded,
    Checked,
    Fact,
    Healthy,
    Listed,
    QrCode,
    Unhealthy,
    Webhook,
)
from wa_tui.model.fleet import Draft, Fleet
from wa_tui.model.registers import Desired, SessionKey, Status
from wa_tui.model.session import Qr, Session
from wa_tui.model.transition import Transition

EPOCH = 1_795_000_000_000
KEY = SessionKey("eu-1", "s1")


def ms(seconds: float) -> int:
    return EPOCH + int(seconds * 1000)


def webhook(status: str, at: float, *, received: float | None = None, **more: Any) -> Webhook:
    qr = more.pop("qr", None)
    return Webhook(
        gateway=more.pop("gateway", KEY.gateway),
        session_id=more.pop("session_id", KEY.session_id),
        status=Status(status),
        timestamp=ms(at),
        received=ms(at if received is None else received),
        qr=QrCode.of(qr) if qr else None,
        **more,
    )


def checked(status: str | None, began: float, ended: float | None = None, **more: Any) -> Checked:
    qr = more.pop("qr", None)
    return Checked(
        *KEY,
        began=ms(began),
        at=ms(began + 0.01 if ended is None else ended),
        status=Status(status) if status else None,
        qr=QrCode.of(qr) if qr else None,
        **more,
    )


def listed(status: str | None, at: float) -> Listed:
    return Listed(*KEY, began=ms(at), at=ms(at + 0.01), status=Status(status) if status else None)


def healthy(at: float, *, uptime: float = 1000, clock: float = 0, latency: float = 0.002) -> Healthy:
    half = latency / 2
    return Healthy(
        KEY.gateway,
        began=ms(at - half),
        at=ms(at + half),
        uptime=int(uptime * 1000),
        timestamp=ms(at + clock),
    )


def refused(at: float) -> Unhealthy:
    return Unhealthy(KEY.gateway, ms(at), "connection refused", refused=True)


def wanted(action: str, at: float, desired: str | None = None, **more: Any) -> ActionAccepted:
    return ActionAccepted(
        *KEY,
        at=ms(at),
        action=action,
        who="mira@ops",
        action_id=f"{action}-{at}",
        desired=Desired(desired) if desired else None,
        **more,
    )


def deleted(at: float) -> ActionEnded:
    """A delete that ended."""
    return ActionEnded(*KEY, ms(at), "delete", "mira@ops", f"delete-{at}", "verified", "", delete=True)


class World:
    """A fleet that facts are applied to, one after the other."""

    def __init__(self, fleet: Fleet | None = None) -> None:
        self.fleet = fleet or Fleet()
        self.events: list[Event] = []

    def take(self, *facts: Fact) -> Transition:
        for fact in facts:
            draft = Draft(self.fleet)
            outcome = apply(draft, fact)
            draft.apply(outcome)
            draft.swap()
            if outcome.event is not None:
                self.events.append(outcome.event)
        return outcome

    def session(self) -> Session:
        found = self.fleet.session(KEY)
        assert found is not None
        return found

    def qr(self) -> Qr:
        found = self.session().qr
        assert found is not None
        return found

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]
