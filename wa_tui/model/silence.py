"""What is known of whether messages go through a connected session: what WhatsApp itself said, silences, ghosts.

A silence and a ghost are conditions beside the status, which stays what was observed (design §9, rule 10).
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SilenceCause(StrEnum):
    """What is strange about a silent session."""

    QUIET = "quiet"
    """No message came in or went out for longer than is usual at this time of the week."""
    UNACKED = "unacked"
    """WhatsApp's server acknowledges none of the messages that are sent."""
    QUEUED = "queued"
    """Messages wait in its client to be sent."""
    ALONE = "alone"
    """It is quiet while the other sessions of its gateway go on."""


class Vouched(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """When WhatsApp itself last spoke for a session, whatever its status was then; 0 where it never did.

    By our clock, in milliseconds since the epoch. Each is the newest there is: in whatever order they come in, and
    however often, the same remain.
    """

    server: int = 0
    """WhatsApp's server answered a check, or acknowledged a message; a recipient's device implies that."""
    delivered: int = 0
    """A recipient's device acknowledged a message."""
    denied: int = 0
    """When the check began that found that the server denies the session: what is older proves nothing."""

    def merge(self, *, server: int = 0, delivered: int = 0, denied: int = 0) -> Vouched:
        """Return it with more taken in; the same object when that adds nothing."""
        merged = Vouched(max(self.server, server), max(self.delivered, delivered), max(self.denied, denied))
        return self if merged == self else merged

    def moved(self, by: int) -> Vouched:
        """Return it after a step of our clock."""
        return Vouched(*(at and at + by for at in (self.server, self.delivered, self.denied)))


NOTHING_SAID = Vouched()


class Silent(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """Messages stopped, and nothing explains it yet; times in milliseconds, by our clock."""

    since: int
    """When the last sign was that messages go through it."""
    at: int
    """When that was first noticed."""
    cause: SilenceCause
    usual_ms: int | None = None
    """Its usual gap at this time of the week."""
    called_at: int = 0
    """Since when a person is called for it, as nothing there can ask WhatsApp's server; 0: nobody is."""

    @property
    def calls(self) -> bool:
        """Whether a person is called for it."""
        return self.called_at > 0

    def moved(self, by: int) -> Silent:
        """Return it after a step of our clock."""
        return msgspec.structs.replace(
            self, since=self.since + by, at=self.at + by, called_at=self.called_at and self.called_at + by
        )


class Ghost(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """It says connected, and WhatsApp's server denies it, since ``since``; ``detail`` is how that was said."""

    since: int
    detail: str

    def moved(self, by: int) -> Ghost:
        """Return it after a step of our clock."""
        return msgspec.structs.replace(self, since=self.since + by)
