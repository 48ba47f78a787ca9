"""Ctrl-Z: the monitor stops, the shell has its terminal back, and ``fg`` brings the monitor back as it was."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST = 50
"""Times that it stops anew when it is brought back without the terminal (``bg``)."""


class Suspension:
    """Stops the process and its group; ``release`` gives the terminal on this descriptor back, ``take`` takes it."""

    def __init__(
        self,
        terminal: int,
        release: Callable[[], object],
        hand_over: Callable[[], object],
        later: Callable[[Callable[[], None]], object],
    ) -> None:
        self._terminal = terminal
        self._release = release
        self._hand_over = hand_over
        self._later = later

    def watch(self) -> None:
        """Suspend at a SIGTSTP from outside, and take the terminal again after a SIGSTOP, which we never see."""
        # Not in the signal's handler: what is painted just then would be half of each.
        signal.signal(signal.SIGTSTP, lambda *_: self._later(self.suspend))
        signal.signal(signal.SIGCONT, lambda *_: self._later(self._continued))

    @property
    def is_possible(self) -> bool:
        """Whether there is a shell to go back to: one that has given us a process group of our own."""
        return os.getpgrp() != os.getsid(0)

    def suspend(self) -> None:
        """Give the terminal back and stop; returns after ``fg``. Called in the event loop."""
        if not self.is_possible:
            return
        self._release()
        with self._defaults():
            for _ in range(_MOST):
                # The whole group, as the terminal does: a shell waits for what it started, which may not be us.
                os.kill(0, signal.SIGTSTP)
                if self._is_in_front:
                    break
        self._hand_over()

    def _continued(self) -> None:
        """Somebody stopped us (SIGSTOP), and the terminal may be as the shell wanted it since."""
        if self._is_in_front:
            self._release()
            self._hand_over()
        else:
            self.suspend()

    @property
    def _is_in_front(self) -> bool:
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(self._terminal) == os.getpgrp()
        return True  # no terminal to be in front of

    @contextmanager
    def _defaults(self) -> Iterator[None]:
        """Stop as every program does, and do not take being brought back for news."""
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, signal.SIG_IGN)
        try:
            yield
        finally:
            self.watch()
