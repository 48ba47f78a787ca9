"""The messages that were read from the daemon, kept up to date by the receipts that come in."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wa_tui.tui.feed import Daemon
from wa_tui.wire import MessageView, Receipt, SessionKey

PAGE = 200
_SENDS = ("send", "send_media")


class MessageList:
    """Messages by their action, the newest first; of all sessions or of one. ``whole``: there are no older ones."""

    def __init__(self, key: SessionKey | None = None) -> None:
        self.messages: dict[str, MessageView] = {}
        self.whole = False
        self._key = key
        self._read = False
        self._receipts: dict[str, Receipt] = {}

    @property
    def oldest(self) -> str | None:
        """The action of the oldest."""
        return next(reversed(self.messages), None)

    def apply(self, receipts: Mapping[str, Receipt]) -> bool:
        """Take in what became of messages; tell whether all that were asked for are here, else `read` them."""
        known = self._read
        for id, receipt in receipts.items():
            if receipt.action not in _SENDS or self._receipts.get(id) is receipt:
                continue
            self._receipts[id] = receipt
            message = self.messages.get(id)
            if message is None:
                known = known and not self._concerns(receipt)
            else:
                self.messages[id] = _updated(message, receipt)
        return known

    def doubt(self) -> None:
        """The daemon was gone: what was sent meanwhile is not here."""
        self._read = False

    async def read(self, daemon: Daemon, *, older: bool = False) -> None:
        """Read the newest messages, or those before the oldest that is here. Raises DaemonError."""
        self._read = True
        gateway, session_id = self._key if self._key is not None else (None, None)
        before = self.oldest if older else None
        page = await daemon.messages(gateway, session_id, before, PAGE)
        found = {message.action_id: message for message in page}
        if older:
            self.messages = self.messages | found
        else:
            joined = any(id in self.messages for id in found)
            self.messages = found | {
                id: one for id, one in self.messages.items() if joined and id not in found
            }
        if older or len(self.messages) == len(page):
            self.whole = len(page) < PAGE

    def _concerns(self, receipt: Receipt) -> bool:
        if self._key is None:
            return True
        tried = [(one.gateway, one.session_id) for one in receipt.attempts]
        return self._key in (*tried, (receipt.gateway, receipt.session_id))


def _updated(message: MessageView, receipt: Receipt) -> MessageView:
    return msgspec.structs.replace(
        message,
        outcome=receipt.outcome,
        text=receipt.text or message.text,
        message_id=receipt.message_id or message.message_id,
        attempts=receipt.attempts or message.attempts,
    )
