"""Variables that Kubernetes puts into every pod beside a Service named ``wa-tui``: nobody set them."""

from __future__ import annotations

import re

_MADE = (
    (re.compile(r"[A-Z0-9_]*SERVICE_HOST"), re.compile(r"[0-9a-fA-F.:]+")),
    (re.compile(r"[A-Z0-9_]*SERVICE_PORT(_[A-Z0-9_]+)?"), re.compile(r"\d{1,5}")),
    (
        re.compile(r"[A-Z0-9_]*PORT(_\d+_(TCP|UDP|SCTP))?"),
        re.compile(r"(tcp|udp|sctp)://[^/\s]+:\d{1,5}"),
    ),
    (re.compile(r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_PROTO"), re.compile(r"tcp|udp|sctp")),
    (re.compile(r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_PORT"), re.compile(r"\d{1,5}")),
    (re.compile(r"[A-Z0-9_]*PORT_\d+_(TCP|UDP|SCTP)_ADDR"), re.compile(r"[0-9a-fA-F.:]+")),
)
"""What their names and their values look like."""


def made_by_kubernetes(name: str, value: str) -> bool:
    """Tell whether a variable is one of a Service's; ``WA_TUI_PORT=8000`` is a person's mistake."""
    return any(names.fullmatch(name) and values.fullmatch(value) for names, values in _MADE)
