"""``python -m wa_tui``: the same as ``wa-tui``."""

from __future__ import annotations

from wa_tui.cli import main

raise SystemExit(main())
