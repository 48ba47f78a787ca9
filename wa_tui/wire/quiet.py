"""Sessions and gateways that call no person although they need one: a person snoozed them, or takes care of them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

USUAL_SNOOZE = 120
"""Minutes of a snooze without a duration, on the command line, in the monitor and in the API alike."""

LONGEST_SNOOZE = 7 * 24 * 60
"""Minutes: a person forgets what calls nobody for longer."""


class AcknowledgedView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody saw that a session or a gateway needs a person, and takes care of it until it is well or calm again."""

    who: str
    at: datetime


class Quietable(Protocol):
    """A session or a gateway as the API shows it."""

    @property
    def snoozed_until(self) -> datetime | None:
        """Until then it calls nobody."""

    @property
    def acknowledged(self) -> AcknowledgedView | None:
        """Who takes care of it."""


def is_snoozed(view: Quietable, now: datetime) -> bool:
    """Tell whether a session or a gateway calls nobody for now, whatever it needs."""
    return view.snoozed_until is not None and view.snoozed_until > now


def is_quiet(view: Quietable, now: datetime) -> bool:
    """Tell whether a session or a gateway calls nobody: it was told to wait, or somebody is at it."""
    return view.acknowledged is not None or is_snoozed(view, now)
