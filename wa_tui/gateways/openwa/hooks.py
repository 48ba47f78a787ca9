"""The webhooks that a session of OpenWA has; the secrets that they are signed with it does not tell."""

from __future__ import annotations

from typing import NamedTuple

from ..protocol import WebhookTarget
from ..reading import plain


class Hook(NamedTuple):
    """One webhook of a session; ``*`` among its events stands for all."""

    id: str | None
    url: str
    events: tuple[str, ...]

    def target(self, session_id: str, ours: str, wanted: tuple[str, ...]) -> WebhookTarget:
        """Return it as what posts to an address; ours is to have some events."""
        is_at_ours = self.url == ours
        lacks = tuple(each for each in wanted if is_at_ours and not {each, "*"} & set(self.events))
        is_ours = is_at_ours and not lacks
        return WebhookTarget(session_id, self.url, is_ours, self.events, is_shared=True, lacks=lacks)


def hooks_of(content: object) -> list[Hook]:
    """Return the webhooks of a list; what has no address is none."""
    found = []
    for each in content if isinstance(content, list) else ():
        url = plain.text(each.get("url")) if isinstance(each, dict) else None
        if url is not None:
            events = each.get("events")
            names = [one for one in events if isinstance(one, str)] if isinstance(events, list) else []
            found.append(Hook(plain.name(each.get("id")), url, tuple(names)))
    return found
