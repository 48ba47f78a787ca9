"""What to do next about a session, long and short: the last thing that a narrow column loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wa_tui.wire import GUIDE, Attention, AttentionCode


class Step(NamedTuple):
    """The next step in words, after the key that does it; ``short`` is the same for a narrow column.

    ``key`` is its id, and ``leads`` that of the key it is pressed for; where one is refused, ``instead`` says what the
    session needs of somebody else.
    """

    text: str
    key: str = ""
    short: str = ""
    leads: str = ""
    instead: str = ""

    def hints(self, names: Mapping[str, str]) -> list[str]:
        """Return it from long to short; ``names`` are what keys are called, by id, without those that are refused."""
        if not self.key:
            found = [self.text, self.short]
        elif self.key in names and (not self.leads or self.leads in names):
            found = [f"{names[self.key]} {text}" for text in (self.text, self.short) if text]
        else:
            found = [self.instead]
        return [hint for hint in found if hint]


RECONNECT = Step("reconnects", "session.reconnect", instead="reconnect needed")
SHOW_QR = Step("shows the code", "session.qr", instead="scan needed")
RENEW_QR = Step("starts a new code", "session.qr", "new code", leads="qr.renew", instead="scan needed")
DISCONNECT = Step("disconnects", "session.disconnect", instead="disconnect needed")
UNLINK = Step("unlinks", "session.logout", instead="unlinking needed")
CHECK = Step("checks it", "sessions.sync", instead="checked by itself")
SHOW_LOG = Step("shows its log", "session.log", instead="see its log")
NOTHING = Step("nothing to do")
BY_ITSELF = Step("nothing to do, it comes back", short="comes back")
LOOKED_INTO = Step("nothing to do, it is looked into", short="looked into")
WAIT = Step("nothing to do yet", short="wait")
SEE_PHONE = Step("see its phone")
SEE_DAEMON = Step("see that it starts", short="see to it")

_KEYS = {
    AttentionCode.DOWN: RECONNECT,
    AttentionCode.EXHAUSTED: RECONNECT,
    AttentionCode.FLAPPING: SHOW_LOG,
    AttentionCode.GHOST: RECONNECT,
    AttentionCode.SILENT: RECONNECT,
    AttentionCode.UNWANTED: DISCONNECT,
    AttentionCode.ORPHAN: DISCONNECT,
}
"""Codes for which there is a key."""

_BY_KEY_ALONE = (AttentionCode.DOWN, AttentionCode.UNWANTED, AttentionCode.ORPHAN)
"""Those of them for which there is nothing to do but that."""

_SHORT = {
    AttentionCode.GATEWAY_DOWN: "mend it",
    AttentionCode.KEY_REFUSED: "set its key",
    AttentionCode.PROXY_REFUSES: "see its proxy",
    AttentionCode.BANNED: "call its owner",
    AttentionCode.CONFLICT: "close the other",
    AttentionCode.PASSKEY: "give the passkey",
    AttentionCode.PROFILE_IN_USE: "end that browser",
    AttentionCode.BROWSER_UNABLE: "see its host",
}
"""What to do in a word or three, whatever the cause of it was."""


def first_mend(gateway: str) -> Step:
    """Return the step before any at a gateway that is away."""
    return Step(f"mend gateway {gateway} first", short="mend its gateway")


def steps_of(need: Attention) -> Sequence[Step]:
    """Return what to do about a need, from long to short: the daemon's own words, then a key or a few words."""
    last = _KEYS.get(need.code) or Step(_SHORT.get(need.code, "see its details"))
    return (last,) if need.code in _BY_KEY_ALONE else (Step(need.action or GUIDE[need.code].todo), last)
