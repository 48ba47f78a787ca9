"""The exit codes of ``wa-tui``, in one place."""

from __future__ import annotations

OK = 0
"""Done; for ``status``: all is well."""
FAILED = 1
"""Failed; for ``status``: something needs a person."""
USAGE = 2
"""A wrong argument, name (no such session, gateway, user or job) or configuration; nothing was done."""
NO_DAEMON = 3
"""No daemon answers."""
ANOTHER_DAEMON = 4
"""``--daemon``: another daemon runs on this state directory."""
INTERRUPTED = 130
"""Ended by Ctrl-C."""
