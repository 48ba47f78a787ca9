"""Who asks the API for something, and whether they may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wa_tui.wire import GRANTS, Scope


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: a gateway and a user, as far as it names them; neither is the whole fleet."""

    gateway: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``who`` stands in the audit; ``key`` is the name of a key that can be revoked.

    Without ``gateways`` they may ask about all, without a ``user_id`` about the sessions of all users.
    """

    who: str
    scopes: frozenset[Scope]
    key: str | None = None
    gateways: frozenset[str] = frozenset()
    user_id: str | None = None

    @property
    def is_restricted(self) -> bool:
        """Not everything of the fleet is theirs to see."""
        return bool(self.gateways) or self.user_id is not None

    def lacks(self, scope: Scope, doing: str) -> str | None:
        """Return why they may not do what needs a scope, and what to do about it; ``doing`` names it."""
        if scope in self.scopes:
            return None
        return (
            f"the key {self.who} lacks the scope {scope}, which {doing} needs: "
            f"`wa-tui api-keys create NAME --scope {scope}` makes one that has it"
        )

    def is_barred_from(self, subject: Subject, doing: str) -> str | None:
        """Return why they may not ask about something, and what to do about it."""
        if self.gateways and subject.gateway not in self.gateways:
            names = ", ".join(sorted(self.gateways))
            about = f"gateway {subject.gateway}" if subject.gateway is not None else "more than one gateway"
            return (
                f"the key {self.who} is for {names} alone, and {doing} is about {about}: "
                "name its gateway, or use a key that is for all"
            )
        if self.user_id is not None and subject.user_id != self.user_id:
            return (
                f"the key {self.who} is for the sessions of user {self.user_id} alone, and {doing} is about "
                "others too: name a session of theirs, or use a key that is for all"
            )
        return None


def granted(scopes: Iterable[str]) -> frozenset[Scope]:
    """Return all that scopes let do; one that is not known here lets do nothing."""
    known = (Scope(each) for each in scopes if each in Scope.__members__.values())
    return frozenset().union(*(GRANTS[each] for each in known))


EVERYTHING = GRANTS[Scope.ADMIN]
"""What the control key, and the socket, let do."""
