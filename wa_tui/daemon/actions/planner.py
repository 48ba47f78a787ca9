"""Turns a request into a plan, or refuses it: what, which session, what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from wa_tui.model.facts import UserId
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import risk_of

from ..results import Ended
from .context import ActionContext
from .deleting import plan_adopt, plan_delete
from .finding import no_gateway
from .jobs import Jobs, plan_job
from .lifecycle_plans import (
    plan_disconnect,
    plan_logout,
    plan_new,
    plan_reconnect,
    plan_refresh_qr,
    plan_restart,
)
from .messages import plan_send
from .naming import plan_primary, plan_rename
from .pairing import plan_pairing_code
from .plan import Plan, Refusal
from .snoozing import Flaps, plan_acknowledge, plan_snooze
from .webhook_setup import Setup, plan_setup

LONGEST_USER = 100
"""Characters of the id of a user that a session is given to."""

SyncNow = Callable[[str | None], Awaitable[Ended]]

_BY_NAME: dict[str, Callable[[ActionContext, ActionRequest, str], Plan]] = {
    "send": plan_send,
    "send_media": plan_send,
    "delete": plan_delete,
    "adopt": plan_adopt,
    "rename": plan_rename,
    "set_primary": plan_primary,
    "pairing_code": plan_pairing_code,
    "snooze": plan_snooze,
    "new": plan_new,
    "reconnect": plan_reconnect,
    "restart": plan_restart,
    "disconnect": plan_disconnect,
    "logout": plan_logout,
    "refresh_qr": plan_refresh_qr,
}


class Planner:
    """Plans actions.

    ``sync`` is what *sync now* does, ``jobs`` what can be run now, ``flaps`` as healing sees it, ``setup`` has gateways
    post their webhooks here.
    """

    def __init__(self, context: ActionContext, sync: SyncNow, jobs: Jobs, flaps: Flaps, setup: Setup) -> None:
        self._context = context
        self._sync = sync
        self._jobs = jobs
        self._flaps = flaps
        self._setup = setup

    def __call__(self, request: ActionRequest, who: str) -> Plan:
        """Return the plan for a request. Raises `Refusal`."""
        context = self._context
        if request.user_id is not None and request.action not in ("send", "send_media"):
            _check_user(request.user_id)
        match request.action:
            case "sync":
                return self._plan_sync(request, who)
            case "run_job":
                return plan_job(context, request, who, self._jobs)
            case "setup_webhooks":
                return plan_setup(context, request, who, self._setup)
            case "acknowledge":
                return plan_acknowledge(context, request, who, self._flaps)
        return _BY_NAME[request.action](context, request, who)

    def _plan_sync(self, request: ActionRequest, who: str) -> Plan:
        gateway = request.gateway
        if gateway is not None and gateway not in self._context.clients:
            raise no_gateway(self._context, gateway)
        work = partial(self._sync, gateway)
        return Plan(f"sync asked by {who}", work, gateway=gateway, risk=risk_of(request.action))


def _check_user(user_id: UserId) -> None:
    """Refuse what nobody means as the id of a user that a session is given to."""
    if not 0 < len(user_id) <= LONGEST_USER or user_id != user_id.strip() or not user_id.isprintable():
        raise Refusal(
            400,
            "bad_user",
            f"{user_id[:80]!r} is no user id: 1 to {LONGEST_USER} characters that can be shown, no spaces around them",
        )
