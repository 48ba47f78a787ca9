"""What one committed batch changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from wa_tui.model.events import Event
from wa_tui.model.facts import Webhook
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Session
from wa_tui.model.transition import Verdict
from wa_tui.store import ActionRow, JobRun
from wa_tui.wire import EventView


@dataclass(slots=True)
class Change:
    """What one committed batch changed; published after the fleet has it."""

    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    removed: set[SessionKey] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    checks: set[SessionKey] = field(default_factory=set)
    webhooks: list[tuple[Webhook, Verdict]] = field(default_factory=list)
    contradictions: list[Event] = field(default_factory=list)
    """Those events whose kind does not say it: they tell the change of status that it made."""
    actions: list[ActionRow] = field(default_factory=list)
    job_runs: list[JobRun] = field(default_factory=list)
    lines: list[EventView] = field(default_factory=list)
    """What the sidecar wrote: shown live, never stored."""
    traffic: list[SessionKey] = field(default_factory=list)
    """Sessions of whose messages something else is told than a minute ago."""
    shown: set[str] = field(default_factory=set)
    """Gateways of which something else is shown than a register, and that is not what it was."""
    daemon: bool = False
    """Whether the daemon says something else of itself."""

    def number(self, first_id: int) -> None:
        """Give the events the ids under which they were stored."""
        self.events = [
            msgspec.structs.replace(event, id=id) for id, event in enumerate(self.events, first_id)
        ]
