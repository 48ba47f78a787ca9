"""Accepts actions, runs one at a time per session, and keeps their receipts.

What we want is committed before the first request to a gateway; a person's action supersedes what runs.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

from wa_tui.model.facts import ActionAccepted, ActionEnded, Fact
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow, Attempt, Message
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import Risk

from ..checking.checker import Checker
from ..clock import Clock
from ..recording.recorder import Recorder
from ..results import Ended
from .plan import Plan, Refusal
from .receipts import Receipts, attempted, concerned, ended_row

log = logging.getLogger("wa_tui.actions")

Planner = Callable[[ActionRequest, str], Plan]


class ActionRunner:
    """Takes action requests; each gets a receipt at once and its outcome later."""

    def __init__(
        self,
        recorder: Recorder,
        checker: Checker,
        clock: Clock,
        planner: Planner,
        is_read_only: Callable[[str], bool],
        *,
        read_only: bool = False,
    ) -> None:
        self._recorder = recorder
        self._checker = checker
        self._clock = clock
        self._plan = planner
        self._is_read_only = is_read_only
        self._read_only = read_only
        self._receipts = Receipts()
        self._lifecycle: dict[SessionKey, asyncio.Task[None]] = {}
        self._turns: defaultdict[SessionKey, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._preparing = asyncio.Lock()
        self._tasks: dict[asyncio.Task[None], str | None] = {}
        """The actions under way, with the gateway of each."""
        self._given_up: dict[str, Ended] = {}
        """How actions end that are cancelled, by their id."""
        self.closed: str | None = None
        """Why no action is taken for now."""

    async def submit(self, request: ActionRequest, who: str, *, read_only: bool = False) -> ActionRow:
        """Accept an action and return its receipt. Raises `Refusal` where it cannot be done."""
        if self.closed is not None:
            raise Refusal(503, "not_listening", f"{request.action} refused: {self.closed}")
        plan = self._plan(request, who)
        if plan.risk is not Risk.SAFE and read_only:
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
            accepted_at=self._clock.now(),
            ended_at=None,
        )
        if plan.yields and self.busy(plan.key):
            raise Refusal(409, "busy", f"{plan.key}: another action is under way")
        await self._accept(plan, row)
        if plan.ledger is not None:
            plan.ledger.keep = partial(self._keep_message, row.id)
        previous = self._supersede(plan)
        task = asyncio.create_task(self._run(plan, row, previous), name=row.id)
        self._tasks[task] = plan.gateway
        task.add_done_callback(self._tasks.pop)
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
        return self._receipts.open()

    async def wait(self, action_id: str, seconds: float) -> ActionRow | None:
        """Return an action's receipt once it has ended, or as it is after ``seconds``."""
        return await self._receipts.wait(action_id, seconds)

    def busy(self, key: SessionKey) -> bool:
        """Whether an action changes this session now."""
        task = self._lifecycle.get(key)
        return task is not None and not task.done()

    async def idle(self, key: SessionKey) -> None:
        """Wait until no action changes this session."""
        while self.busy(key):
            await asyncio.wait({self._lifecycle[key]})

    async def close_open(self, rows: list[ActionRow]) -> None:
        """Close what a crash left open as unknown, and check its sessions; nothing is done again.

        Whatever is closed leaves the list: where the store fails, the rest is closed with the next try.
        """
        while rows:
            row = rows[0]
            why = "the daemon ended before it did; the session is checked, nothing was repeated"
            await self._finish(row, Ended("unknown", why))
            del rows[0]
            for key in concerned(row):
                self._checker.request(key)

    async def leave(self, gateway: str, why: str) -> None:
        """End every action under way at a gateway as unknown: nobody works there any more."""
        tasks = [task for task, where in self._tasks.items() if where == gateway]
        for task in tasks:
            self._given_up[task.get_name()] = Ended("unknown", why)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key in [key for key in self._lifecycle if key.gateway == gateway]:
            del self._lifecycle[key]

    async def stop(self) -> None:
        """End every action under way as unknown."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _refuse_read_only(self, plan: Plan, action: str) -> None:
        if plan.risk is Risk.SAFE:
            return
        if self._read_only:
            raise Refusal(403, "read_only", f"{action} refused: the daemon is read-only")
        if plan.risk is Risk.GATEWAY and self._is_read_only(plan.gateway or ""):
            raise Refusal(403, "read_only", f"{action} refused: gateway {plan.gateway} is read-only")

    def _supersede(self, plan: Plan) -> asyncio.Task[None] | None:
        """End the action that runs on the same session: the newest wish holds."""
        running = self._lifecycle.get(plan.key) if plan.exclusive else None
        if running is None or running.done():
            return None
        self._given_up[running.get_name()] = Ended("superseded", "a newer action took over")
        running.cancel()
        return running

    async def _accept(self, plan: Plan, row: ActionRow) -> None:
        if plan.prepare is None:
            await self._commit(plan, row)
            return
        # What it looks at must not change before it is committed.
        async with self._preparing:
            await self._commit(plan, row, *plan.prepare())

    async def _commit(self, plan: Plan, row: ActionRow, *more: Fact) -> None:
        if plan.ledger is not None:
            row = replace(row, message=plan.ledger.message)
        fact = ActionAccepted(
            gateway=row.gateway or "",
            session_id=row.session_id or "",
            at=row.accepted_at,
            action=row.action,
            who=row.who,
            action_id=row.id,
            exclusive=plan.exclusive,
            detail=plan.text,
            **asdict(plan.wish),
        )
        await self._recorder.record(fact, *more, actions=[row])
        self._receipts.put(row)

    async def _keep_message(self, action_id: str, message: Message, ended: Attempt | None) -> None:
        """Commit how far a message is."""
        row = self._receipts.get(action_id)
        assert row is not None, "it is open"
        row = replace(row, message=message)
        self._receipts.put(row)
        facts = [] if ended is None else [attempted(action_id, ended)]
        await self._recorder.record(*facts, actions=[row])

    async def _run(self, plan: Plan, row: ActionRow, previous: asyncio.Task[None] | None) -> None:
        began = self._clock.monotonic()
        try:
            if previous is not None:
                await asyncio.wait({previous})
            ended = await plan.work()
        except asyncio.CancelledError:
            ended = self._given_up.get(row.id) or Ended("unknown", "the daemon stopped before it ended")
        except Exception as error:
            log.exception("Action %s failed", row.id)
            ended = Ended("unknown", f"{type(error).__name__}: {error}")
        if plan.ledger is not None:
            row = replace(row, message=plan.ledger.message)
        await self._finish(row, ended, self._clock.monotonic() - began)

    async def _finish(self, row: ActionRow, ended: Ended, took: int = 0) -> None:
        """Commit how an action ended; ``took`` is how long it ran in this daemon's life, in milliseconds."""
        now = self._clock.now()
        row = ended_row(row, ended, row.accepted_at + took if took else max(row.accepted_at, now))
        fact = ActionEnded(
            gateway=row.gateway or "",
            session_id=row.session_id or "",
            at=now,
            action=row.action,
            who=row.who,
            action_id=row.id,
            outcome=ended.outcome,
            detail=row.text,
            delete=ended.delete,
            failure=ended.failure,
            unlinked=ended.unlinked,
        )
        try:
            await self._recorder.record(fact, actions=[row])
        finally:
            self._given_up.pop(row.id, None)
            self._receipts.put(row)
