"""The actions on sessions: their names, the consequence that a dialog tells, and whether they ask first."""

from __future__ import annotations

from msgspec import Struct

from wa_tui.text.durations import duration_of
from wa_tui.wire import ActionName, ActionRequest, SessionKey


class Targets(Struct, frozen=True):
    """The sessions that something is done to, bound at the keypress.

    ``doubt`` says why whoever asked may not know which they are: then it asks first.
    """

    keys: tuple[SessionKey, ...] = ()
    doubt: str = ""


class Aim(Struct, frozen=True):
    """What a key pressed now is about, as it was seen: a session, or a gateway itself, and what is done to which.

    What only looks at a session, or opens a form for it, is about ``key``; what is done binds to ``targets``, which
    are the marked ones where there are any.
    """

    key: SessionKey | None = None
    gateway: str | None = None
    targets: Targets = Targets()
    doubt: str = ""


class SessionAction(Struct, frozen=True):
    """One action on sessions. ``asks``: confirmed first, also for one."""

    action: ActionName
    verb: str
    one: str = ""
    """The consequence for one session, as the dialog tells it."""
    many: str = ""
    asks: bool = False
    instance_name: str | None = None
    minutes: int | None = None
    force: bool = False

    def request(self, key: SessionKey, *, force: bool = False) -> ActionRequest:
        """Return the request for one session."""
        return ActionRequest(
            action=self.action,
            gateway=key[0],
            session_id=key[1],
            instance_name=self.instance_name,
            minutes=self.minutes,
            force=force or self.force,
        )

    def at_gateway(self, name: str) -> ActionRequest:
        """Return the request for a gateway itself."""
        return ActionRequest(action=self.action, gateway=name, minutes=self.minutes, force=self.force)


RECONNECT = SessionAction(
    "reconnect",
    "Reconnect",
    "It is connected and proven. Reconnecting stops it for some seconds, and it may ask for a QR scan.",
    "Each is started anew, a few at a time per gateway.",
)
DISCONNECT = SessionAction(
    "disconnect",
    "Disconnect",
    "It stays off until somebody reconnects it. Its credentials stay on the gateway.",
    "They stay off until somebody reconnects them. Their credentials stay on the gateways.",
    asks=True,
)
DELETE = SessionAction(
    "delete",
    "Delete",
    "It is stopped, its row goes, and nothing restores it. Its credentials stay on the gateway.",
    "They are stopped, their rows go, and nothing restores them. Their credentials stay on the gateways.",
    asks=True,
    force=True,
)
ADOPT = SessionAction(
    "adopt", "Adopt", many="Those still on their gateways although they were deleted are kept."
)
PRIMARY = SessionAction("set_primary", "Make primary")
ACKNOWLEDGE = SessionAction(
    "acknowledge", "Acknowledge", many="You take care of them until they are connected, or calm."
)
TAKE_BACK = SessionAction(
    "acknowledge", "Unacknowledge", many="They call for somebody again, unless all is well.", force=True
)


def snooze(minutes: int) -> SessionAction:
    """Return the action that quiets sessions for so many minutes; 0 ends it."""
    if not minutes:
        return SessionAction("snooze", "Unsnooze", many="They call for somebody again.", minutes=0)
    return SessionAction(
        "snooze", "Snooze", many=f"They call nobody for {duration_of(minutes)}.", minutes=minutes
    )


def rename(name: str) -> SessionAction:
    """Return the action that gives a session another instance name."""
    return SessionAction("rename", "Rename", instance_name=name)
