"""The actions on sessions: their names, the consequence that a dialog tells, and whether they ask first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from wa_tui.identity.capabilities import DOES, Capability
from wa_tui.text.counts import many
from wa_tui.text.durations import duration_of
from wa_tui.text.gateways import kind_title
from wa_tui.wire import ActionName, ActionRequest, Condition, GatewayView, SessionKey, SessionView


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
    unlinked: str = ""
    """The consequence for one session to which no phone is linked, where it is another."""
    many: str = ""
    asks: bool = False
    instance_name: str | None = None
    minutes: int | None = None
    force: bool = False
    interrupts: bool = False
    """It tears down what works: then it asks first, and the daemon is told that it is meant."""
    needs: Capability | None = None
    """What a session's gateway must be able to do for it."""

    def can_be_done(self, session: SessionView | None, gateway: GatewayView | None) -> bool:
        """Tell whether a session's gateway can do it, as far as it has said what it is."""
        if self.needs is None or gateway is None or gateway.can(self.needs):
            return True
        # The client of a deleted session is deleted there too, where nothing stops it.
        ends_orphan = session is not None and session.orphan and gateway.can(Capability.DELETE)
        return (ends_orphan and self.needs is Capability.STOP) or gateway.kind is None

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
    "Reconnecting stops it for some seconds, and it may ask for a QR scan.",
    many="Each is started anew, a few at a time per gateway.",
    interrupts=True,
)
DISCONNECT = SessionAction(
    "disconnect",
    "Disconnect",
    "It stays off until somebody reconnects it. Its credentials stay on the gateway.",
    "It stays off until somebody reconnects it. No phone is linked to it: it needs a scan then.",
    "They stay off until somebody reconnects them. Those that are linked stay linked.",
    asks=True,
    needs=Capability.STOP,
)
RESTART = SessionAction(
    "restart",
    "Restart",
    "Restarting stops it for some seconds.",
    many="Each is ended and started anew by its gateway.",
    interrupts=True,
    needs=Capability.RESTART,
)
LOGOUT = SessionAction(
    "logout",
    "Unlink",
    "The phone must scan again: its account is unlinked, and only a new QR code brings it back. It stays off.",
    "No phone is linked to it: nothing is unlinked. It stays off, and only a new QR code brings it back.",
    "Their phones must scan again: the accounts are unlinked, and only new QR codes bring them back. They stay off.",
    asks=True,
    needs=Capability.LOGOUT,
    force=True,
)
DELETE = SessionAction(
    "delete",
    "Delete",
    "It is stopped, its row goes, and nothing restores it. Its credentials stay on the gateway.",
    "It is stopped, its row goes, and nothing restores it. No phone is linked to it.",
    "They are stopped, their rows go, and nothing restores them. Those that are linked stay linked.",
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


_INSTEAD = {
    Capability.STOP: (Capability.LOGOUT, "session.logout", "unlinks it, its phone must then scan again"),
    Capability.RESTART: (None, "session.reconnect", "reconnects it"),
}
"""What a gateway may be able to do in place of what it cannot: the capability for that, its key, what that does."""

_INSTEAD_UNLINKED = {
    Capability.STOP: (Capability.DELETE, "session.delete", "deletes it"),
    Capability.LOGOUT: (Capability.STOP, "session.disconnect", "disconnects it"),
}
"""The same where no phone is linked."""

_AT_THE_PHONE = "its owner can, on the phone under Linked devices"

_DELETED_THERE = (
    "Its gateway deletes it too, its credentials with it: only a new scan brings the account back."
)
_DELETED_THERE_UNLINKED = "Its gateway deletes it too. No phone is linked to it."
_NO_PHONE = "no phone is linked to it"


def cannot(
    action: SessionAction, session: SessionView | None, gateway: GatewayView, names: Mapping[str, str]
) -> str:
    """Return why a gateway cannot do what an action on a session takes, and which key does something else there."""
    lacking = action.needs
    assert lacking is not None
    title = kind_title(gateway.kind) or gateway.name
    unlinked = session is not None and session.is_unlinked and lacking in _INSTEAD_UNLINKED
    why = f"{title} cannot {DOES[lacking]}"
    if unlinked:
        why = _NO_PHONE + (f", and {title} cannot stop it" if lacking is Capability.STOP else "")
    needed, key, does = (_INSTEAD_UNLINKED if unlinked else _INSTEAD).get(lacking, (None, "", ""))
    if key in names and (needed is None or gateway.can(needed)):
        return f"{why}: {names[key]} {does}"
    return f"{why}: {_AT_THE_PHONE}" if lacking is Capability.LOGOUT and not unlinked else why


def follows_for_one(
    action: SessionAction,
    session: SessionView | None,
    found: Condition,
    gateway: GatewayView | None,
    *,
    works: bool,
) -> str:
    """Return what follows from an action on one session; ``found`` is the condition it is in."""
    unlinked = session is not None and session.is_unlinked
    if action is DELETE and gateway is not None and gateway.can(Capability.DELETE):
        return _DELETED_THERE_UNLINKED if unlinked else _DELETED_THERE
    if not action.interrupts:
        return action.unlinked if unlinked and action.unlinked else action.one
    if not works:
        return ""
    sure = "and proven" if found is Condition.CONNECTED else "as its gateway says"
    return f"It is connected {sure}. {action.one}"


def follows_for_many(
    action: SessionAction, conditions: Sequence[Condition], gateways: Sequence[GatewayView], left: int
) -> str:
    """Return what follows from an action on many sessions.

    ``conditions`` are those of the ones that it interrupts, ``gateways`` that of each one it is done to; ``left`` are
    those whose gateways cannot do it.
    """
    parts = [action.many]
    if conditions:
        be = "is" if len(conditions) == 1 else "are"
        sure = " and proven" if all(each is Condition.CONNECTED for each in conditions) else ""
        parts.append(f"{len(conditions)} of them {be} connected{sure}.")
    deleted = sum(gateway.can(Capability.DELETE) for gateway in gateways) if action is DELETE else 0
    if deleted:
        parts.append(
            f"{many(deleted, 'is', 'are')} deleted on the gateway too: only a new scan brings such back."
        )
    if left:
        parts.append(f"{many(left, 'more is', 'more are')} left out: that kind of gateway cannot do it.")
    return "\n".join(filter(None, parts))
