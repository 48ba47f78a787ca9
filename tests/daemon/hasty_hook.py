"""The daemon, but one that tells its program within moments what needs a person."""

from __future__ import annotations

import sys

from wa_tui import cli
from wa_tui.daemon import needs
from wa_tui.daemon.needs.hook import Pace
from wa_tui.daemon.needs.ledger import Holds

HASTY = Pace(look=0.02, run=0.05, longest=0.2, deadline=5.0, holds=Holds(begins=100, ends=300))

if __name__ == "__main__":
    vars(needs)["PACE"] = HASTY
    sys.exit(cli.main())
