"""Gateways: one Protocol, one error tree, and one backend per file (design §5)."""

from __future__ import annotations

from .errors import (
    Garbled,
    GatewayError,
    Intercepted,
    InvalidRequest,
    NoAnswer,
    Refused,
    Unauthorised,
    Unreachable,
)
from .machines import machine
from .node_service import Deadlines, NodeService
from .protocol import Capability, ClientStatus, GatewayClient, Health, Listed, Sent, Started

__all__ = [
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
    "NodeService",
    "Refused",
    "Sent",
    "Started",
    "Unauthorised",
    "Unreachable",
    "machine",
]
