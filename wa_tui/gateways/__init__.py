"""Gateways: one Protocol, one error tree, and a folder for each kind (design §5)."""

from __future__ import annotations

from .adapter import Adapter, Place
from .deadlines import Deadlines
from .errors import (
    Garbled,
    GatewayError,
    Intercepted,
    InvalidRequest,
    NoAnswer,
    RefusalCause,
    Refused,
    Unauthorised,
    Unreachable,
    Unrecognised,
    Unsupported,
)
from .machines import machine
from .protocol import (
    DOES,
    Capability,
    ClientStatus,
    GatewayClient,
    Health,
    Listed,
    Scope,
    Sent,
    ServerAnswer,
    ServerVerdict,
    Started,
    Step,
    WebhookTarget,
    scope_of,
)
from .reports import Posted, Reading, Report, WebhookFormat

__all__ = [
    "DOES",
    "Adapter",
    "Capability",
    "ClientStatus",
    "Deadlines",
    "Garbled",
    "GatewayClient",
    "GatewayError",
    "Health",
    "Intercepted",
    "InvalidRequest",
    "Listed",
    "NoAnswer",
    "Place",
    "Posted",
    "Reading",
    "RefusalCause",
    "Refused",
    "Report",
    "Scope",
    "Sent",
    "ServerAnswer",
    "ServerVerdict",
    "Started",
    "Step",
    "Unauthorised",
    "Unreachable",
    "Unrecognised",
    "Unsupported",
    "WebhookFormat",
    "WebhookTarget",
    "machine",
    "scope_of",
]
