"""What can go wrong with the bundled Node service."""

from __future__ import annotations


class NodeError(Exception):
    """The Node service cannot be installed or run; the text says why and what to do next."""
