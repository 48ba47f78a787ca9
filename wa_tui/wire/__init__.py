"""The types of the daemon's API, as JSON on its Unix socket and over TCP; times are ISO 8601, UTC.

``GET /api/v1/status``                         -> `StatusView`
``GET /api/v1/sessions?…``                     -> list of `SessionView` (``id``, as often as there are ids to look
                                                  up, bare or ``gateway/id``; ``history=0``: without the last 24 h)
``GET /api/v1/sessions/<gateway>/<id>/qr``     -> `QrView`
``GET /api/v1/sessions/<gateway>/<id>/traffic[?hours=]`` -> `TrafficSeries`: 24 hours by minutes, or 720 by hours
``GET /api/v1/events?…``                       -> list of `EventView`: the newest that match, oldest first
                                                  (``gateway session_id source kind since until after before
                                                  limit``, 5,000 at most; ``source`` and ``kind`` as often as there are
                                                  some; ``oldest=1``: the first that match, not the newest)
``GET /api/v1/messages?…``                     -> list of `MessageView`, newest first (same names, no ``after``)
``GET /api/v1/gateways/<name>/setup[?url=]``    -> `WebhookSetup`, 404/409/502 as `Problem`
``GET /api/v1/jobs``                           -> list of `JobView`
``GET /api/v1/actions?…``                      -> list of `Receipt`, newest first (``gateway since until before limit``)
``POST /api/v1/actions`` with `ActionRequest`  -> `Receipt` (202), refusals 400/403/404/409 as `Problem`
``GET /api/v1/actions/<id>[?wait=seconds]``    -> `Receipt`
``GET /api/v1/api-keys``                       -> list of `ApiKeyView`, those revoked too
``POST /api/v1/api-keys`` with `ApiKeyRequest` -> `NewApiKey` (201), refusals 400/404/409 as `Problem`
``DELETE /api/v1/api-keys/<name>``             -> `ApiKeyView`
``GET /healthz``, ``GET /readyz``              -> `Probe`, 200 or 503; no key, and below no root
``WS /api/v1/live[?after=&store=]``            -> `SnapshotPart` after `SnapshotPart` and the `Snapshot` (or a `Delta`
                                                  of what changed after an event), then `Delta` after `Delta`
"""

from __future__ import annotations

from .access import GRANTS, ApiKeyRequest, ApiKeyView, NewApiKey, Scope
from .actions import ActionName, ActionRequest, AttemptView, MessageView, Outcome, Problem, Receipt
from .attention import Attention, AttentionCode
from .calling import (
    at_gateway,
    daemon_needs,
    gateway_calls,
    gateway_needs,
    needs_person,
    needy,
    quieted,
    session_need,
    waits_for,
)
from .causes import EVENT_CAUSES, Cause, cause_of, cause_of_event
from .condition import (
    ANSWERING,
    GRADES,
    SKEW,
    Condition,
    Proven,
    claim_holds,
    condition,
    grade_of,
    is_proven,
    proof_span,
    proof_window,
    settled,
    strongest_proof,
    utc_now,
    works,
)
from .covering import Cover, cover_of, covers, is_covered
from .events import EVENT_SOURCES, EventAction, EventRange, EventView, JobView, around, is_around
from .gateways import GatewayHealingView, GatewayView, kinds_of
from .guide import GUIDE, Guidance
from .live import (
    CALLING_SHOWN,
    CanaryView,
    Counts,
    DaemonView,
    Delta,
    Lack,
    LiveFrame,
    LiveMessage,
    Probe,
    Snapshot,
    SnapshotPart,
    StatusView,
)
from .priorities import Priority, priority, priority_key
from .quiet import LONGEST_SNOOZE, USUAL_SNOOZE, AcknowledgedView, Quietable, is_quiet, is_snoozed
from .refusals import REFUSED, RefusalKind, RefusedView
from .sessions import (
    HealingState,
    HealingView,
    History,
    QrView,
    SessionKey,
    SessionView,
    UserId,
)
from .setup import PlaceState, WebhookPlace, WebhookSetup
from .traffic import GhostView, SessionTraffic, SilentView, TrafficSeries, TrafficView, hour_sum, traffic_sum
from .trouble import RANKS, calls, is_trouble, is_troubled, rank
from .version import API_HEADER, API_VERSION, OTHER_VERSION, mismatch

ROOT = "/api/v1"
READ_ONLY_HEADER = "x-wa-tui-read-only"
WHO_HEADER = "x-wa-tui-who"

__all__ = [
    "ANSWERING",
    "API_HEADER",
    "API_VERSION",
    "CALLING_SHOWN",
    "EVENT_CAUSES",
    "EVENT_SOURCES",
    "GRADES",
    "GRANTS",
    "GUIDE",
    "LONGEST_SNOOZE",
    "OTHER_VERSION",
    "RANKS",
    "READ_ONLY_HEADER",
    "REFUSED",
    "ROOT",
    "SKEW",
    "USUAL_SNOOZE",
    "WHO_HEADER",
    "AcknowledgedView",
    "ActionName",
    "ActionRequest",
    "ApiKeyRequest",
    "ApiKeyView",
    "AttemptView",
    "Attention",
    "AttentionCode",
    "CanaryView",
    "Cause",
    "Condition",
    "Counts",
    "Cover",
    "DaemonView",
    "Delta",
    "EventAction",
    "EventRange",
    "EventView",
    "GatewayHealingView",
    "GatewayView",
    "GhostView",
    "Guidance",
    "HealingState",
    "HealingView",
    "History",
    "JobView",
    "Lack",
    "LiveFrame",
    "LiveMessage",
    "MessageView",
    "NewApiKey",
    "Outcome",
    "PlaceState",
    "Priority",
    "Probe",
    "Problem",
    "Proven",
    "QrView",
    "Quietable",
    "Receipt",
    "RefusalKind",
    "RefusedView",
    "Scope",
    "SessionKey",
    "SessionTraffic",
    "SessionView",
    "SilentView",
    "Snapshot",
    "SnapshotPart",
    "StatusView",
    "TrafficSeries",
    "TrafficView",
    "UserId",
    "WebhookPlace",
    "WebhookSetup",
    "around",
    "at_gateway",
    "calls",
    "cause_of",
    "cause_of_event",
    "claim_holds",
    "condition",
    "cover_of",
    "covers",
    "daemon_needs",
    "gateway_calls",
    "gateway_needs",
    "grade_of",
    "hour_sum",
    "is_around",
    "is_covered",
    "is_proven",
    "is_quiet",
    "is_snoozed",
    "is_trouble",
    "is_troubled",
    "kinds_of",
    "mismatch",
    "needs_person",
    "needy",
    "priority",
    "priority_key",
    "proof_span",
    "proof_window",
    "quieted",
    "rank",
    "session_need",
    "settled",
    "strongest_proof",
    "traffic_sum",
    "utc_now",
    "waits_for",
    "works",
]
