"""A gateway's registers: how it answers, its clock, its epochs."""

from __future__ import annotations

import msgspec

from .acknowledgement import Acknowledged
from .registers import ANSWERING, SECOND, GatewayState

STEP = 2 * SECOND
"""A clock step, or a change of the start instant, larger than this opens a new epoch (design §3, rule 1)."""

AHEAD = 10 * SECOND
"""How far a webhook may be dated ahead of its receipt, by the gateway's corrected clock."""


class Boot(msgspec.Struct, frozen=True, array_like=True):
    """One run of a gateway that names its runs (``bootId``), and the epoch it opened."""

    boot_id: str
    epoch: int


class Gateway(msgspec.Struct, frozen=True, omit_defaults=True):
    """One Node service as the daemon knows it; times in milliseconds since the epoch, by our clock.

    ``clock_offset`` is its clock minus ours, to ``clock_uncertainty``: half the shortest round trip of a health check
    since its clock was last set. Better known, it dates what comes; what came keeps its date, and its epoch.
    """

    name: str
    state: GatewayState = GatewayState.UNKNOWN
    since: int = 0
    detail: str | None = None
    advice: str | None = None
    """What to do about ``detail``, where whoever said them knows that for sure."""
    started_at: int | None = None
    seen_at: int | None = None
    returned_at: int = 0
    clock_offset: int | None = None
    clock_uncertainty: int | None = None
    epoch: int = 0
    epoch_began: int = 0
    epoch_opened: int = 0
    boots: tuple[Boot, ...] = ()
    failures: int = 0
    latency: int | None = None
    refuses_key: bool = False
    proxy_refuses: bool = False
    """It is not the service that lets us not in, but a proxy before it."""
    restarts: int = 0
    restoring: bool = False
    """It restarted and still restores its sessions by itself: what is missing is started after that."""
    snoozed_until: int = 0
    """Until then it calls nobody, nor do its sessions for what is its trouble; 0 where it is not snoozed."""
    acknowledged: Acknowledged | None = None

    @property
    def answering(self) -> bool:
        """Whether calls to it make sense now."""
        return self.state in ANSWERING or self.state is GatewayState.UNKNOWN

    @property
    def came_up(self) -> int:
        """When it was started, where it tells that; else when it answered again after it was away."""
        return self.returned_at if self.started_at is None else self.started_at

    def has_offset(self, offset: int, uncertainty: int) -> bool:
        """Tell whether its clock still has the known offset, as far as both can be told."""
        known = self.clock_offset
        return known is not None and abs(offset - known) <= STEP + uncertainty + (self.clock_uncertainty or 0)

    def refined(self, offset: int, uncertainty: int) -> Gateway:
        """Return the gateway with a better estimate of the same offset, where it is one."""
        if self.clock_uncertainty is not None and uncertainty >= self.clock_uncertainty:
            return self
        by = offset - (self.clock_offset or 0)
        return msgspec.structs.replace(
            self,
            clock_offset=offset,
            clock_uncertainty=uncertainty,
            # Its own clock tells which webhooks are from before that: the same ones as until now.
            epoch_began=self.epoch_began and self.epoch_began - by,
        )

    def corrected(self, timestamp: int) -> int:
        """Return the instant by our clock of a timestamp by the gateway's."""
        return timestamp - (self.clock_offset or 0)

    def dated_ahead(self, timestamp: int, received: int) -> bool:
        """Tell whether a webhook is dated where its gateway cannot be yet; it is taken as of its receipt."""
        return self.corrected(timestamp) > received + AHEAD

    def local(self, instant: int) -> int:
        """Return an instant by our clock as the gateway's clock shows it."""
        return instant + (self.clock_offset or 0)

    def epoch_of(self, timestamp: int, boot_id: str | None) -> int | None:
        """Return the epoch of a webhook; ``None`` when it opens a new one (an unknown ``bootId``)."""
        if boot_id is not None:
            return next((boot.epoch for boot in self.boots if boot.boot_id == boot_id), None)
        before = self.epoch_began and self.corrected(timestamp) < self.epoch_began - STEP
        return self.epoch - 1 if before else self.epoch

    def shifted(self, ours: int) -> Gateway:
        """Return the gateway after a step of our own clock, in milliseconds: what it knows by that is moved along."""
        return msgspec.structs.replace(
            self,
            clock_offset=(self.clock_offset or 0) - ours,
            started_at=None if self.started_at is None else self.started_at + ours,
            returned_at=min(self.returned_at, self.returned_at + ours),
            epoch_began=self.epoch_began and self.epoch_began + ours,
            epoch_opened=self.epoch_opened and self.epoch_opened + ours,
        )

    def next_epoch(self, began: int, opened: int, boot_id: str | None = None) -> Gateway:
        """Return the gateway in a new epoch, ``opened`` now; ``began`` is 0 where no instant can be named."""
        epoch = self.epoch + 1
        boots = self.boots
        if boot_id is not None:
            boots = (*boots[-7:], Boot(boot_id, epoch))
        return msgspec.structs.replace(self, epoch=epoch, epoch_began=began, epoch_opened=opened, boots=boots)
