"""The daemon, but one that calls webhooks missing after so many seconds: as shipped, that takes a test too long."""

from __future__ import annotations

import os
import sys

from wa_tui import cli
from wa_tui.daemon.sync import missing

GRACE = "TEST_MISSING_GRACE"

if __name__ == "__main__":
    missing.GRACE = float(os.environ[GRACE])
    sys.exit(cli.main())
