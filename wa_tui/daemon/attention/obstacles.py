"""What keeps a browser from starting on a gateway's machine, and what somebody there has to do about it."""

from __future__ import annotations

import re

from wa_tui.gateways import machine
from wa_tui.model.registers import Reason
from wa_tui.wire import Attention, AttentionCode

_RUNNING = re.compile(r"already running for (.+?)(?:\. Use a different|\.?$)", re.IGNORECASE | re.MULTILINE)
_PROCESS = re.compile(r"process \((\d+)\)|\bpid (\d+)|\bchromium (\d+)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"another computer \(([^)\s]+)\)", re.IGNORECASE)
_LIBRARY = re.compile(r"loading shared libraries: ([^:\s]+)", re.IGNORECASE)
_TOLD = re.compile(r"^browser cannot start: (.+); ([^;]+)$", re.IGNORECASE)
"""As the bundled service has it: it knows the way out better than we do."""
_HOLDER = re.compile(r"^profile in use: end (.+?), which is already running for ", re.IGNORECASE)
_LAUNCH = re.compile(r"^(browser_unable|failed to launch the browser process)\W*", re.IGNORECASE)

_CAUSES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause, todo)
    for pattern, cause, todo in (
        (
            r"no usable sandbox|root without --no-sandbox",
            "no usable sandbox",
            "allow user namespaces there, or start it with --no-sandbox",
        ),
        (r"missing x server|x display|\$display", "no display", "run it headless"),
        (r"enospc|no space left|disk (is )?full", "disk full", "free some space"),
        (r"enomem|cannot allocate memory", "out of memory", "free some memory"),
        (
            r"could not find|was not found|no executable|executablepath|\benoent\b",
            "no browser found",
            "install Chromium, or set its path",
        ),
        (r"\be(again|mfile|nfile)\b", "out of processes or files", "raise the service's limits"),
        (r"ws endpoint url", "the browser started and said nothing", "see what holds that machine up"),
    )
)
"""By the first that a launch's words have: the cause, and what to do."""


def obstacle(reason: Reason | None, detail: str | None, url: str, session_id: str) -> Attention | None:
    """Return the cause with its machine, and what has to be done there; ``None`` for what is no obstacle.

    Obstacles are those of `Session.obstacle`.
    """
    if reason is Reason.PROFILE_IN_USE:
        todo = _profile_in_use(detail or "", machine(url), session_id)
        return Attention(code=AttentionCode.PROFILE_IN_USE, text="profile in use", action=todo)
    if reason is Reason.BROWSER_UNABLE:
        cause, todo = _browser_unable(detail or "", machine(url))
        text = f"browser cannot start: {cause}" if cause else f"browser cannot start on {machine(url)}"
        return Attention(code=AttentionCode.BROWSER_UNABLE, text=text, action=todo)
    return None


def _profile_in_use(detail: str, host: str, session_id: str) -> str:
    found = _RUNNING.search(detail)
    profile = found.group(1) if found is not None else f"the profile session-{session_id}"
    holder = _holder(detail)
    elsewhere = _ELSEWHERE.search(detail)
    if elsewhere is None:
        return f"end {holder} on {host} that holds {profile}"
    other = elsewhere.group(1)
    links = f"remove its SingletonLock, SingletonCookie and SingletonSocket on {host}"
    return f"end {holder} on {other} that holds {profile}; if {other} is gone, {links}"


def _holder(detail: str) -> str:
    if (found := _HOLDER.match(detail)) is not None:
        return _ELSEWHERE.sub("", found.group(1)).removesuffix(" on ")
    process = _PROCESS.search(detail)
    return "the Chromium" if process is None else f"Chromium {next(filter(None, process.groups()))}"


def _browser_unable(detail: str, host: str) -> tuple[str, str]:
    """Return the cause, empty where none is known, and what to do about it."""
    if (found := _TOLD.match(detail)) is not None:
        return f"{found.group(1)} on {host}", found.group(2)
    if (library := _LIBRARY.search(detail)) is not None:
        return f"{library.group(1)} is missing on {host}", "install the package that has it"
    for pattern, cause, todo in _CAUSES:
        if pattern.search(detail):
            return f"{cause} on {host}", todo
    lines = [line.strip() for line in _LAUNCH.sub("", detail).splitlines() if line.strip()]
    return (f"{lines[-1]} on {host}" if lines else ""), "see the service's log there"
