"""Accepts actions, runs one at a time per session, and keeps their receipts.

What we want is committed before the first request to a gateway; a person's action supersedes what runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import replace

from wa_tui.model.facts import Acted, Wanted
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow
from wa_tui.wire import ActionRequest

from ..core import Core
from .plan import Ended, Plan, Refusal

log = logging.getLogger("wa_tui.actions")

KEPT = 500
"""Receipts kept in memory; all are in the store."""

Planner = Callable[[Core, ActionRequest, str], Plan]


class ActionDesk:
    """Takes action requests; each gets a receipt at once and its outcome later."""

    def __init__(self, core: Core, planner: Planner, *, read_only: bool = False) -> None:
        self._core = core
        self._plan = planner
        self._read_only = read_only
        self._read_only_gateways = {each.name for each in core.config.gateways if each.read_only}
        self._receipts: OrderedDict[str, ActionRow] = OrderedDict()
        self._ended: dict[str, asyncio.Event] = {}
        self._lifecycle: dict[SessionKey, asyncio.Task[None]] = {}
        self._turns: defaultdict[SessionKey, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._superseded: set[str] = set()

    async def submit(self, request: ActionRequest, who: str, *, read_only: bool = False) -> ActionRow:
        """Accept an action and return its receipt. Raises `Refusal` where it cannot be done."""
        plan = self._plan(self._core, request, who)
        if plan.changes and read_only:
            raise Refusal(403, "read_only", f"{request.action} refused: this monitor is read-only")
        return await self.start(plan, request.action, who)

    async def start(self, plan: Plan, action: str, who: str) -> ActionRow:
        """Commit what a plan wants, then start its work.

        Raises `Refusal` where nothing may be changed, and where the plan yields to another action.
        """
        self._refuse_read_only(plan, action)
        if not plan.exclusive:
            return await self._start(plan, action, who)
        # Two that come at once: the one after the other, so that the newer supersedes.
        async with self._turns[plan.key]:
            return await self._start(plan, action, who)

    async def _start(self, plan: Plan, action: str, who: str) -> ActionRow:
        row = ActionRow(
            id=f"{action}-{secrets.token_hex(4)}",
            action=action,
            gateway=plan.gateway,
            session_id=plan.session_id,
            who=who,
            outcome="accepted",
            text=plan.text,
            accepted_at=self._core.clock.now(),
            ended_at=None,
        )
        if plan.yields and self.busy(plan.key):
            raise Refusal(409, "busy", f"{plan.key}: another action is under way")
        await self._accept(plan, row)
        previous = self._supersede(plan)
        task = asyncio.create_task(self._run(plan, row, previous), name=row.id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if plan.exclusive:
            self._lifecycle[plan.key] = task
        # A task cancelled before its first step would never say how it ended.
        await asyncio.sleep(0)
        return row

    def receipt(self, action_id: str) -> ActionRow | None:
        """Return the receipt of an action of this daemon's life."""
        return self._receipts.get(action_id)

    def open(self) -> list[ActionRow]:
        """Return the receipts of actions under way."""
        return [row for row in self._receipts.values() if row.ended_at is None]

    async def wait(self, action_id: str, seconds: float) -> ActionRow | None:
        """Return an action's receipt once it has ended, or as it is after ``seconds``."""
        ended = self._ended.get(action_id)
        if ended is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
        return self._receipts.get(action_id)

    def busy(self, key: SessionKey) -> bool:
        """Whether an action changes this session now."""
        task = self._lifecycle.get(key)
        return task is not None and not task.done()

    async def idle(self, key: SessionKey) -> None:
        """Wait until no action changes this session."""
        while self.busy(key):
            await asyncio.wait({self._lifecycle[key]})

    async def close_open(self, rows: list[ActionRow]) -> None:
        """Close what a crash left open as unknown, and check its sessions; nothing is done again."""
        for row in rows:
            why = "the daemon ended before it did; the session is checked, nothing was repeated"
            await self._finish(row, Ended("unknown", why))
            if row.gateway and row.session_id:
                self._core.checker.request(SessionKey(row.gateway, row.session_id))

    async def stop(self) -> None:
        """End every action under way as unknown."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _refuse_read_only(self, plan: Plan, action: str) -> None:
        if not plan.changes:
            return
        if self._read_only:
            raise Refusal(403, "read_only", f"{action} refused: the daemon is read-only")
        if plan.gateway in self._read_only_gateways:
            raise Refusal(403, "read_only", f"{action} refused: gateway {plan.gateway} is read-only")

    def _supersede(self, plan: Plan) -> asyncio.Task[None] | None:
        """End the action that runs on the same session: the newest wish holds."""
        running = self._lifecycle.get(plan.key) if plan.exclusive else None
        if running is None or running.done():
            return None
        self._superseded.add(running.get_name())
        running.cancel()
        return running

    async def _accept(self, plan: Plan, row: ActionRow) -> None:
        fact = Wanted(
            gateway=row.gateway or "",
            session_id=row.session_id or "",
            at=row.accepted_at,
            action=row.action,
            who=row.who,
            action_id=row.id,
            desired=plan.desired,
            user_id=plan.user_id,
            instance_name=plan.instance_name,
            words=plan.text,
        )
        await self._core.recorder.record(fact, actions=[row])
        self._keep(row)
        self._ended[row.id] = asyncio.Event()

    async def _run(self, plan: Plan, row: ActionRow, previous: asyncio.Task[None] | None) -> None:
        try:
            if previous is not None:
                await asyncio.wait({previous})
            ended = await plan.work()
        except asyncio.CancelledError:
            if row.id in self._superseded:
                ended = Ended("superseded", "a newer action took over")
            else:
                ended = Ended("unknown", "the daemon stopped before it ended")
        except Exception as error:
            log.exception("Action %s failed", row.id)
            ended = Ended("unknown", f"{type(error).__name__}: {error}")
        await self._finish(row, ended)

    async def _finish(self, row: ActionRow, ended: Ended) -> None:
        now = self._core.clock.now()
        row = replace(row, outcome=ended.outcome, text=ended.text, ended_at=now, message_id=ended.message_id)
        fact = Acted(
            gateway=row.gateway or "",
            session_id=row.session_id or "",
            at=now,
            action=row.action,
            who=row.who,
            action_id=row.id,
            outcome=ended.outcome,
            words=ended.text,
        )
        try:
            await self._core.recorder.record(fact, actions=[row])
        finally:
            self._superseded.discard(row.id)
            self._keep(row)
            waiting = self._ended.pop(row.id, None)
            if waiting is not None:
                waiting.set()

    def _keep(self, row: ActionRow) -> None:
        self._receipts[row.id] = row
        while len(self._receipts) > KEPT:
            self._receipts.popitem(last=False)
