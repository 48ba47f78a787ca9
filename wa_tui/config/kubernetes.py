"""Variables that Kubernetes puts into every pod beside a Service named ``wa-tui``: nobody set them."""

from __future__ import annotations

import re

_MADE = (
    (r"[A-Z0-9_]*SERVICE_HOST", r"[0-9a-fA-F.:]+"),
    (r"[A-Z0-9_]*SERVICE_PORT(_[A-Z0-9_]+)?", r"\d{1,5}"),
    (
        r"[A-Z0-9_]*PORT(_\d+_(TCP|UDP|SCTP))?",
        r"(tcp|udp|sctp)://[^/\s]+:\d{1,5}",
    ),
    (r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_PROTO", r"tcp|udp|sctp"),
    (r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_PORT", r"\d{1,5}"),
    (r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_ADDR", r"[0-9a-fA-F.:]+"),
)
"""What their names and their values look like; compiled only where such a variable is."""


def made_by_kubernetes(name: str, value: str) -> bool:
    """Tell whether a variable is one of a Service's; ``WA_TUI_PORT=8000`` is a person's mistake."""
    return any(re.fullmatch(names, name) and re.fullmatch(values, value) for names, values in _MADE)
