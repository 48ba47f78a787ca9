"""The messages that were asked for: what became of each, and through which sessions."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Copy, Go
from wa_tui.tui.message_list import MessageList
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.messages import COLUMNS, message_cell, message_lines, through
from wa_tui.tui.screens.base import Reading, ViewScreen
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.sheet import Sheet
from wa_tui.tui.widgets.table import Table
from wa_tui.wire import MessageView, SessionKey


class MessagesScreen(ViewScreen):
    """The newest first; enter shows the tries of the one under the cursor."""

    AUTO_FOCUS = "Table"
    BINDINGS = bindings(Context.MESSAGES)
    CONTEXTS = (Context.MESSAGES,)
    DEFAULT_CSS = """
    MessagesScreen Sheet { display: none; padding: 0 2; max-height: 50%; border-top: solid $quiet; }
    MessagesScreen.-open Sheet { display: block; }
    """

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        place = place or Place("messages")
        super().__init__(monitor, place)
        self._sent = MessageList(place.key)
        self._table: Table[str, MessageView] = Table(COLUMNS, self._cell)
        self._sheet = Sheet()
        self._reading = Reading(self, "the messages", self._show, group="messages")

    def body(self) -> Iterable[Widget]:
        """Return the messages, and the tries of one."""
        return (
            self._table,
            self._sheet,
        )

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Take in what became of messages; those that are new are read."""
        state = self.monitor.state
        if not state.connected:
            self._sent.doubt()
        elif not self._sent.apply(state.receipts):
            self._read()
        self._show()

    def _show(self) -> None:
        messages = self._sent.messages
        self._table.show(messages)
        none = self.hint("no messages were sent yet", "session.send", "on a session sends one")
        self._table.say("reading …" if self._reading.is_under_way else none)
        unknown = sum(message.outcome == "unknown" for message in messages.values())
        more = "" if self._sent.whole else "+"
        said = f"· {len(messages)}{more}" + (
            f" · {unknown} unknown: they may have gone out" if unknown else ""
        )
        self.entitle("Messages", said)
        self._show_tries()

    def _show_tries(self) -> None:
        message = self._table.cursor_row
        now, called = self.monitor.state.now, self._called
        if message is not None and self.has_class("-open"):
            self._sheet.show(lambda width: message_lines(message, width, now, called))

    def _cell(self, message: MessageView, title: str, width: int) -> Pieces:
        return message_cell(message, title, width, self.monitor.state.now, self._called)

    def _called(self, key: SessionKey) -> str:
        return self.monitor.state.label(key)

    def _read(self, *, older: bool = False) -> None:
        self._reading.begin(lambda daemon: self._sent.read(daemon, older=older))

    def on_table_highlighted(self) -> None:
        """The tries follow the cursor; at the last message older ones are read."""
        self._show_tries()
        if (
            self._table.cursor_key == self._sent.oldest
            and not self._sent.whole
            and len(self._sent.messages) > 1
        ):
            self._read(older=True)

    def on_table_selected(self) -> None:
        """A double click shows the tries."""
        self.action_open()

    def action_open(self) -> None:
        """Show the tries of the message under the cursor, or no longer."""
        if self._table.cursor_row is not None:
            self.toggle_class("-open")
            self._show_tries()

    def action_details(self) -> None:
        """Show the session that it was tried through last."""
        message = self._table.row_aimed_at
        key = through(message) if message is not None else None
        if key is None:
            self.say("this message was tried through no session", "warn")
        else:
            self.post(Go(Place("details", key)))

    def action_copy(self) -> None:
        """Copy the id that WhatsApp gave it."""
        message = self._table.row_aimed_at
        self.post(Copy((message and message.message_id) or "", "message id"))

    def action_renew(self) -> None:
        """Read them again."""
        self._read()

    def go_up(self) -> bool:
        """Take the tries off."""
        if not self.has_class("-open"):
            return False
        self.remove_class("-open")
        return True
