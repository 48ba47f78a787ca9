"""How much may be on its way to a terminal, learned from how long its answers take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LEAST, MOST = 256, 65_536
"""Bytes that may always be on their way, and that ever may."""

_FIRST = 8_192
_SHORT = 2_048
"""Bytes of which a fast line has more on its way without anybody noticing."""

_QUICK, _SLOW = 0.1, 0.3
"""Seconds that an answer may wait behind what was sent: below the first more is sent, above the second less."""

_TOO_LATE = 1.0
_TRUSTED = 4
"""After so many quick answers in a row, late ones are those of a line that stood still, and not of a slow one."""

_UNANSWERED = 1.0
"""Seconds after which a terminal that never answered is taken for one that does not."""

_LOST = 60.0
_LOST_WHILE_TYPING = 2.0
_SLOWEST = 120
"""Seconds after which an answer is given up, less when keys come in; and the slowest line's bytes a second."""

_REMEMBERED = 64


class Flow:
    """What was sent and not answered yet; a terminal that answers nothing is sent to as fast as it takes it.

    Without this, a slow line would hold more and more frames that nobody wants to see any more.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._waiting: deque[tuple[float, int, int]] = deque()
        """When each was sent, its bytes, and all that were on their way then."""
        self.frames_sent = 0
        self._first_waiting = 0
        """The number of the first frame that was not answered, while anything waits."""
        self._delays: deque[float] = deque(maxlen=_REMEMBERED)
        self._best = float("inf")
        self._quick = 0
        self._stood_until = float("-inf")
        self._window = _FIRST
        self._window_before = 0
        """What may be on its way again once a terminal answers that was given up."""
        self._silent = False

    @property
    def on_its_way(self) -> int:
        """Bytes that were sent and not answered."""
        return sum(size for _, size, _ in self._waiting)

    @property
    def frames_taken(self) -> int:
        """How many of the frames the terminal has surely taken: all, on one that never answers."""
        return self._first_waiting - 1 if self._waiting else self.frames_sent

    @property
    def awaits(self) -> bool:
        """Whether an answer may still come."""
        return bool(self._waiting) and not self._silent

    @property
    def is_known(self) -> bool:
        """Whether something that was sent has been answered, or nothing ever will be."""
        return self._silent or len(self._delays) > 1

    @property
    def is_slow(self) -> bool:
        """Whether each byte counts."""
        return self._window < _SHORT

    @property
    def stands(self) -> bool:
        """Whether a line that was quick takes nothing: what is sent now would be old when it is read."""
        return self._is_trusted and self._age > min(self._delays) + _SLOW

    @property
    def room(self) -> int:
        """Bytes that may be sent now, none while there is too much on its way, or nothing is taken."""
        left = self._window - self.on_its_way
        return left if (left >= LEAST or not self._waiting) and not self.stands else 0

    @property
    def most(self) -> int:
        """Bytes that one frame may have where nothing may be left for a second one."""
        return MOST if self._window > _FIRST else self.room

    @property
    def is_clear(self) -> bool:
        """Whether so little is on its way, and so lately, that something new would not wait."""
        if not self._waiting:
            return True
        best = min(self._delays, default=0.0)
        overdue = best + _QUICK if self._is_trusted else 3 * best + _SLOW
        return self.on_its_way * 2 <= self._window and self._age < overdue

    @property
    def _age(self) -> float:
        """Seconds that the oldest question waits."""
        return self._monotonic() - self._waiting[0][0] if self._waiting else 0.0

    @property
    def _is_trusted(self) -> bool:
        """Whether late answers mean that nothing is taken, rather than that much is on its way."""
        return self._quick >= _TRUSTED and self._window >= _FIRST

    def sent(self, size: int) -> None:
        """Note that so many bytes were sent, with a question behind them."""
        self.frames_sent += 1
        if not self._silent:
            if not self._waiting:
                self._first_waiting = self.frames_sent
            self._waiting.append((self._monotonic(), size, self.on_its_way + size))

    def answered(self, at: float) -> bool:
        """The oldest question was answered, at that instant of the monotonic clock; tell whether the line had stood."""
        self._silent = False
        self._window, self._window_before = max(self._window, self._window_before), 0
        if not self._waiting:
            return False
        was_trusted = self._is_trusted
        sent_at, size, with_it = self._waiting.popleft()
        self._first_waiting = self.frames_sent + 1 - len(self._waiting)
        delay = at - sent_at
        self._delays.append(delay)
        self._best = min(self._best, delay)
        # Of the last ones, since a line's own delay may change; but a line that is always full is not a long one.
        waited = delay - min(self._delays)
        if waited > _SLOW or delay > max(_TOO_LATE, 2 * self._best):
            self._note_late(at, sent_at, size, waited)
        elif waited < _QUICK:
            self._quick += 1
            if 2 * with_it >= self._window:
                self._window = min(2 * self._window, MOST)
        return was_trusted and not self._is_trusted

    def asked_again(self, size: int) -> None:
        """A question was sent anew, in so many bytes: the next answer is one to all of them, any others to none."""
        sent_at = self._waiting[0][0] if self._waiting else self._monotonic()
        on_its_way = self.on_its_way + size
        self._waiting = deque([(sent_at, on_its_way, on_its_way)])

    def _note_late(self, at: float, sent_at: float, size: int, waited: float) -> None:
        if self._quick >= _TRUSTED:
            self._stood_until = at
        self._quick = 0
        if sent_at > self._stood_until:
            shrunk = min(self._window, max(size, LEAST)) * _QUICK * 2 / max(waited, _SLOW)
            self._window = max(int(shrunk), LEAST)

    def patience(self, *, typing: bool = False) -> float:
        """Return the seconds until the oldest answer is given up; ``typing``: a person has just pressed a key."""
        if not self._waiting:
            return 0.0
        if not self._delays:
            longest = _UNANSWERED
        else:
            longest = (_LOST_WHILE_TYPING if typing else _LOST) + self.on_its_way / _SLOWEST
        return self._waiting[0][0] + longest - self._monotonic()

    def give_up(self) -> None:
        """No answer comes: go on without, for good where there never was one."""
        self._silent = not self._delays
        self._waiting.clear()
        if self._is_trusted:
            self._window_before = max(self._window, self._window_before)
        self._window = MOST if self._silent else LEAST
