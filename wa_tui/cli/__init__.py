"""The command line: `main` is ``wa-tui``. A verb's parser and what it does lie in one module of its name."""

from __future__ import annotations

from .entry import main

__all__ = ["main"]
