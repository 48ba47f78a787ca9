"""The daemon, but one that keeps few events for a reader that reads nothing."""

from __future__ import annotations

import sys

from wa_tui import cli
from wa_tui.daemon.views import reader

FEW = 500

if __name__ == "__main__":
    vars(reader)["EVENTS_WAITING"] = FEW
    sys.exit(cli.main())
