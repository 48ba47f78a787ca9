"""The actions asked for from this monitor, followed to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wa_tui.client import DaemonError, Refused
from wa_tui.tui.feed import Daemon
from wa_tui.tui.presenters.outcomes import Notice, notice_of
from wa_tui.wire import ActionRequest, Receipt

OnUpdate = Callable[[Notice], None]


class Requests:
    """Asks for actions and tells what became of each; the ends come with the live messages."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, OnUpdate]] = {}

    async def ask(self, daemon: Daemon, request: ActionRequest, subject: str, on_update: OnUpdate) -> None:
        """Ask for an action on ``subject`` (as a person calls it) and tell of it until it ended."""
        what = f"{request.action.replace('_', ' ')} {subject}".rstrip()
        try:
            receipt = await daemon.act(request)
        except Refused as error:
            on_update(Notice(f"{what} refused: {error}", "bad"))
        except DaemonError as error:
            on_update(Notice(f"{what}: outcome unknown, the log will tell. {error}", "warn"))
        else:
            if not receipt.ended:
                self._open[receipt.id] = (what, on_update)
            on_update(notice_of(receipt, what))

    def apply(self, receipts: Mapping[str, Receipt]) -> None:
        """Tell of the ends that have come in."""
        for id in self._open.keys() & receipts.keys():
            # Telling of one may paint, and a frame tells of the others.
            if receipts[id].ended and id in self._open:
                what, told = self._open.pop(id)
                told(notice_of(receipts[id], what))

    async def recover(self, daemon: Daemon, known: Mapping[str, Receipt]) -> None:
        """After the daemon came back: look up what is still open and was not told about."""
        self.apply(known)
        for id, (what, told) in list(self._open.items()):
            if id in known:
                continue
            try:
                receipt = await daemon.receipt(id)
            except Refused as error:
                self._open.pop(id, None)
                told(Notice(f"{what}: outcome unknown; the daemon has no record of it. {error}", "warn"))
            except DaemonError:
                return  # gone again: the next return looks it up
            else:
                self.apply({id: receipt})
