"""The verbs of ``wa-tui``: where each is, and its line in ``--help``.

A verb's module is imported once it runs: to read the command line costs none of what they import, and each only its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple


class Verb(NamedTuple):
    """The module whose function of the same name does what the verb says, and what that is in a line."""

    module: str
    summary: str


VERBS = {
    "status": Verb(
        "status", "the daemon, its gateways and the fleet in numbers; exit 1 when something needs a person"
    ),
    "sessions": Verb("sessions", "every session, trouble first, or those that FILTER is about"),
    "traffic": Verb(
        "traffic",
        "how many messages go through sessions, the busiest first; or who is silent, or fails to send",
    ),
    "logs": Verb("logs", "what happened: transitions, attempts, actions and anomalies"),
    "report": Verb(
        "report",
        "the handover: outages, who did what, what needed a person, what is open now; to paste into a ticket",
    ),
    "watch": Verb("watch", "what changes from now on, a line each in plain words, until Ctrl-C"),
    "messages": Verb(
        "messages",
        "the newest messages that were asked for, and how each was tried; their content is not kept",
    ),
    "jobs": Verb("jobs", "the periodic jobs and their last runs; `jobs run NAME` runs one now"),
    "reconnect": Verb(
        "lifecycle",
        "stop and start sessions and wait for the outcome; exit 1 unless a check proved each connected",
    ),
    "restart": Verb(
        "lifecycle", "have the gateway restart sessions by itself, where it can; exit 1 unless each came back"
    ),
    "disconnect": Verb(
        "lifecycle",
        "stop sessions and keep them stopped; their credentials stay on the gateway, `reconnect` takes them up",
    ),
    "logout": Verb(
        "lifecycle",
        "unlink sessions from their phones and keep them stopped; asks first, a new scan alone brings them back",
    ),
    "delete": Verb(
        "lifecycle",
        "stop sessions and forget them; asks first, a gateway that can delete unlinks their accounts",
    ),
    "new": Verb("lifecycle", "make a session and start it, up to its QR code; `wa-tui` shows that with o"),
    "pairing-code": Verb(
        "naming",
        "a code to type on the phone instead of scanning, where the gateway makes them; shown once, kept nowhere",
    ),
    "send": Verb("send", "send a text or a file; never sent twice, an unknown outcome exits 1"),
    "primary": Verb("naming", "make a session its user's primary: what is sent for them goes first there"),
    "rename": Verb("naming", "give a session another instance name, unique for its user"),
    "adopt": Verb(
        "naming", "take a deleted session back whose client its gateway still runs (`disconnect` ends it)"
    ),
    "snooze": Verb(
        "snooze", "let sessions or gateways call nobody for a while; they are healed all the same"
    ),
    "ack": Verb(
        "snooze",
        "say that you take care of sessions or gateways: they call nobody until they are well again",
    ),
    "gateways": Verb(
        "gateways", "what each gateway is and can do; `gateways setup NAME` has it post its webhooks here"
    ),
    "api-keys": Verb(
        "api_keys",
        "the keys of the API with their scopes; `api-keys create NAME` makes one, `api-keys revoke NAME` ends one",
    ),
    "sync": Verb("jobs", "check every wanted session now, of one gateway or all"),
    "up": Verb("node", "the monitor and the bundled Node service; installs that first where it is missing"),
    "node": Verb("node", "the bundled Node service alone: install it, or run it in the foreground"),
    "keys": Verb(
        "keys", "the monitor's keys as they are mapped, and the ids that [keys] in the configuration names"
    ),
}
"""In the order of ``--help``."""


def function(name: str) -> Callable[..., Any]:
    """Return what a verb does, given the client and the arguments: a coroutine that returns the exit code.

    A verb that asks no daemon is given the configuration, returns the code, and may raise `ConfigError`, `NodeError`.
    """
    found: Callable[..., Any] = getattr(
        import_module(f".{VERBS[name].module}", __package__), name.replace("-", "_")
    )
    return found
