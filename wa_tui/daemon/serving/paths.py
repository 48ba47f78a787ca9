"""Paths as they come: doubled slashes tolerated, gateways' own ones told apart, and for a wrong one the right one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wa_tui.text.nearest import nearest

from ..receiving.advice import RESTORING, WEBHOOKS

_SLASHES = re.compile(r"//+")
_SECRET = re.compile(r"(/webhook/).+", re.DOTALL)
_LONGEST = 120
"""Characters of a wrong path that are looked at, and shown."""


def single(path: str) -> str:
    """Return a path with each run of slashes as one: a setting that ends in one makes two of it."""
    return _SLASHES.sub("/", path)


def is_services(method: str, path: str) -> bool:
    """Tell whether a wrong path is one that a gateway's service was meant to be at another."""
    return (method == "POST" and "webhook" in path) or (method == "GET" and "active-sessions" in path)


def no_such(path: str, known: Sequence[str]) -> str:
    """Return that a path does not exist, and which one does; ``known`` are those of the API."""
    said = f"there is no {shown(path)}"
    if "active-sessions" in path:
        return f"{said}: what to restore is at {RESTORING}"
    if "webhook" in path:
        return f"{said}: webhooks are POSTed to {WEBHOOKS}"
    for right in sorted(known, key=len, reverse=True):
        if path.rstrip("/").endswith(right):
            return f"{said}: it is {right}; does a proxy keep its prefix?"
    near = nearest(path[:_LONGEST].rstrip("/"), known, cutoff=0.7)
    return f"{said}: {f'it may be {near[0]}' if near else 'the API is ' + ', '.join(known)}"


def shown(path: str) -> str:
    """Return a path of bounded length, as it can be shown anywhere: what follows a webhook's path may be a secret."""
    path = _SECRET.sub(r"\1…", path)
    return (
        (path if len(path) <= _LONGEST else path[:_LONGEST] + "…")
        .encode("ascii", "backslashreplace")
        .decode()
    )
