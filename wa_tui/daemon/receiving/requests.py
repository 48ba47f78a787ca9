"""What a request for the receiver says in its head."""

from __future__ import annotations

from typing import Any

Scope = dict[str, Any]

UNIVERSAL = "/api/v1/sessions/webhook"
"""The path of everybody's webhooks, with or without a slash at its end."""


def key_of(scope: Scope) -> bytes | None:
    """Return the key that a request carries."""
    return next((value for name, value in scope["headers"] if name == b"x-api-key"), None)


def encoding_of(scope: Scope) -> str:
    """Return how a request's body is compressed, as its head says."""
    named = (value for name, value in scope["headers"] if name == b"content-encoding")
    return ",".join(value.decode("latin-1") for value in named)
