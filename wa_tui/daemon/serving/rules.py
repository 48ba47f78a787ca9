"""What each route needs: the scope of a key, and how a request says what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from starlette.datastructures import QueryParams

from wa_tui.wire import ROOT, ActionName, Scope

from ..access import Caller, Subject
from .paths import shown
from .subjects import Subjects


class About(Enum):
    """Where a request names the gateway and the session that it is about."""

    FLEET = auto()
    """Nowhere: it is about everything."""
    PATH = auto()
    QUERY = auto()
    GATEWAY = auto()
    """In a query that names a gateway alone: what else it says does not narrow what is answered."""
    BODY = auto()
    """In what comes, or in what it asks for: who answers looks at it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one route needs."""

    scope: Scope
    about: About = About.FLEET


METRICS = "/metrics"

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/status"): Rule(Scope.READ),
    ("GET", "/sessions"): Rule(Scope.READ, About.GATEWAY),
    ("GET", "/sessions/{gateway}/{session_id:session}/qr"): Rule(Scope.OPERATE, About.PATH),
    ("GET", "/sessions/{gateway}/{session_id:session}/traffic"): Rule(Scope.READ, About.PATH),
    ("GET", "/events"): Rule(Scope.READ, About.QUERY),
    ("GET", "/messages"): Rule(Scope.READ, About.QUERY),
    ("GET", "/actions"): Rule(Scope.READ, About.GATEWAY),
    ("GET", "/actions/{id}"): Rule(Scope.READ, About.BODY),
    ("POST", "/actions"): Rule(Scope.OPERATE, About.BODY),
    ("GET", "/gateways/{name}/setup"): Rule(Scope.READ, About.PATH),
    ("GET", "/jobs"): Rule(Scope.READ),
    ("GET", "/live"): Rule(Scope.READ),
    ("GET", METRICS): Rule(Scope.READ),
    ("GET", "/api-keys"): Rule(Scope.ADMIN),
    ("POST", "/api-keys"): Rule(Scope.ADMIN),
    ("DELETE", "/api-keys/{name}"): Rule(Scope.ADMIN),
}
"""By method and path, of the API below its root; a WebSocket is a GET. A route that is not here answers nobody."""

HEALTHZ, READYZ = "/healthz", "/readyz"

OPEN = frozenset({HEALTHZ, READYZ})
"""What anybody is answered, by the whole path: it says whether the daemon works, and nothing of what it knows."""

GATEWAYS_OWN = frozenset(
    f"/{place}/{what}{end}"
    for place in ("sessions", "gateways/{name}")
    for what in ("active-sessions", "traffic")
    for end in ("", "/")
)
"""What the bundled service asks and tells: who answers that looks at its key, of the scope `Scope.WEBHOOK`."""

_ADMINS: frozenset[ActionName] = frozenset({"setup_webhooks"})
"""Where a gateway posts to is where all that it tells goes."""


def scope_of(action: ActionName) -> Scope:
    """Return what an action needs."""
    return Scope.ADMIN if action in _ADMINS else Scope.OPERATE


def is_gateways_own(path: str) -> bool:
    """Tell whether a route's path is one that gateways ask themselves."""
    return path.removeprefix(ROOT) in GATEWAYS_OWN


def refusal(
    caller: Caller, scope: Mapping[str, Any], path: str, params: Mapping[str, Any], subjects: Subjects
) -> str | None:
    """Return why a caller may not ask for what a request's route answers; ``path`` and ``params`` are the route's."""
    method = scope.get("method", "GET")
    rule = RULES.get(("GET" if method == "HEAD" else method, path.removeprefix(ROOT)))
    doing = f"{method} {shown(scope['path'])}"
    if rule is None:
        # Another method, which is answered 405, if it is not a route without a rule.
        return None if any(known == path.removeprefix(ROOT) for _, known in RULES) else f"{doing} is closed"
    lacking = caller.lacks(rule.scope, doing)
    if lacking is not None or not caller.is_restricted or rule.about is About.BODY:
        return lacking
    return caller.is_barred_from(_subject(rule.about, scope, params, subjects), doing)


def _subject(
    about: About, scope: Mapping[str, Any], params: Mapping[str, Any], subjects: Subjects
) -> Subject:
    if about is About.FLEET:
        return Subject()
    if about is About.PATH:
        gateway, session_id = params.get("gateway", params.get("name")), params.get("session_id")
    else:
        query = QueryParams(scope["query_string"])
        gateway = _only(query.getlist("gateway"))
        session_id = _only(query.getlist("session_id")) if about is About.QUERY else None
    return subjects.of_session(gateway, session_id)


def _only(values: list[str]) -> str | None:
    """Return what is said once; what is said twice is about more than one."""
    return values[0] if len(values) == 1 else None
