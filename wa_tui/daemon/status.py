"""What the daemon says of itself: where it listens, what it is short of, and what it needs a person for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence

from wa_tui import __version__
from wa_tui.config import Config
from wa_tui.wire import Attention, AttentionCode, CanaryView, DaemonView, RefusedView

from .clock import Timeline
from .dates import time_of
from .process.listening import PlaceTaken

Source = Callable[[], list[Attention]]


class DaemonStatus:
    """The daemon as the API shows it.

    ``notices`` are said as long as it runs, ``refused`` returns what no gateway is known by.
    """

    def __init__(
        self,
        config: Config,
        timeline: Timeline,
        notices: Sequence[str],
        refused: Callable[[], list[RefusedView]],
        canaries: list[CanaryView],
        *,
        read_only: bool,
        runs_node: bool,
    ) -> None:
        self._config = config
        self._timeline = timeline
        self._began = timeline.monotonic()
        self._run = secrets.token_hex(4)
        self._notices = notices
        self._refused = refused
        self._canaries = canaries
        self._read_only = read_only
        self._runs_node = runs_node
        self.places = "{}:{}".format(*config.listen)
        """Where it listens over TCP, or is to."""
        self.waiting: PlaceTaken | None = None
        """What keeps it from listening; no job is due meanwhile."""
        self.shortages: list[Callable[[], list[str]]] = []
        """Return what is short for now."""
        self.needs: list[Source] = []
        """Return what a person is needed for, the most urgent first."""
        self.jobs: Source = list
        """Returns that jobs need one."""

    def view(self) -> DaemonView:
        """Return the daemon as the API shows it."""
        config = self._config
        return DaemonView(
            pid=os.getpid(),
            version=__version__,
            run=self._run,
            started_at=time_of(self._timeline.at(self._began)),
            title=config.title,
            state_dir=str(config.state_dir),
            listen=self.places,
            read_only=self._read_only,
            proof_window_s=2 * config.intervals.status_sync,
            notices=[*self._notices, *(notice for source in self.shortages for notice in source())],
            attention=self._attention(),
            refused=self._refused(),
            runs_node=self._runs_node,
            canaries=self._canaries,
        )

    def _attention(self) -> list[Attention]:
        found = [each for source in self.needs for each in source()]
        if (taken := self.waiting) is None:
            return [*found, *self.jobs()]
        return [
            *found,
            Attention(code=AttentionCode.NOT_LISTENING, text=taken.detail, action=taken.advice),
        ]
