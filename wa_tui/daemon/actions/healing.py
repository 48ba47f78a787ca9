"""Healing's actions: starts, and stops, that yield to whatever a person does."""

from __future__ import annotations

import logging

from wa_tui.model.registers import SessionKey, Source
from wa_tui.model.session import Session

from ..results import Ended
from .context import ActionContext
from .following import Following
from .lifecycle import Lifecycle
from .plan import Plan, Refusal
from .runner import ActionRunner
from .stopping import Stop

log = logging.getLogger("wa_tui.daemon")

LONGEST = 3600.0
"""Seconds after which nobody waits for a start any more: each of its steps has a deadline that is far shorter."""


class HealingStarts:
    """Starts sessions for healing, through the one runner of actions."""

    def __init__(self, context: ActionContext, runner: ActionRunner) -> None:
        self._context = context
        self._runner = runner

    async def start(self, key: SessionKey, session: Session, attempt: int) -> Ended | None:
        """Start a session for the nth time and follow it; ``None`` when another action was under way."""
        action, plan = _plan(self._context, session, attempt)
        return await self._run(plan, action)

    async def stop(self, key: SessionKey) -> Ended | None:
        """Stop a session that its gateway brought back against a person's will; ``None`` as for `start`."""
        work = Stop(Following(self._context, key, Source.HEAL)).disconnect
        text = "its gateway brought it back, and it is to be offline"
        plan = Plan(text, work, *key, exclusive=True, yields=True)
        return await self._run(plan, "disconnect")

    async def _run(self, plan: Plan, action: str) -> Ended | None:
        try:
            row = await self._runner.start(plan, action, Source.HEAL)
        except Refusal as refusal:
            if refusal.code != "busy":
                log.info("%s", refusal)
            return None
        ended = await self._runner.wait(row.id, LONGEST)
        return Ended(ended.outcome, ended.text) if ended is not None else None  # type: ignore[arg-type]  # ours

    def busy(self, key: SessionKey) -> bool:
        """Whether an action changes this session now."""
        return self._runner.busy(key)

    async def idle(self, key: SessionKey) -> None:
        """Wait until no action changes this session."""
        await self._runner.idle(key)


def _plan(context: ActionContext, session: Session, attempt: int) -> tuple[str, Plan]:
    """Return healing's action for a session and its plan, which yields to any other action.

    What is done is its gateway's recipe: on the contract a client that it does not hold is started with a bare init,
    never a disconnect; one that dropped is destroyed first, since an init would find it there.
    """
    lifecycle = Lifecycle(context, session.key, source=Source.HEAL, holds_slot=True)
    action = "restore" if session.gone else "reconnect"
    plan = Plan(
        f"{action} {attempt} started",
        lifecycle.reconnect,
        gateway=session.gateway,
        session_id=session.session_id,
        exclusive=True,
        yields=True,
    )
    return action, plan
