"""The keys for a session: each posts what it is for, about what was under the cursor or marked when it was pressed."""

from __future__ import annotations

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Acknowledge, Act, Copy, Edit, Go, RenewCode, SendFrom, Snooze
from wa_tui.tui.presenters.event_line import reading_back
from wa_tui.tui.presenters.times import zone
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import DELETE, DISCONNECT, LOGOUT, RECONNECT, RESTART
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.tui.widgets.title import TitleLine


class SessionScreen(FleetScreen[None]):
    """A screen whose `aim` has sessions: what only looks is about the one under the cursor, what is done about all."""

    BINDINGS = bindings(Context.SESSION, Context.ACTION)

    def title_log(self, name: str, whose: str) -> None:
        """Say whose log this is, and whether it follows."""
        log = self.query_one(EventLog)
        how = "following" if log.following else reading_back(log.unseen, self.key_names)
        zoned = zone(self.monitor.clock())
        self.query_one("#log-title", TitleLine).show(name, f"· {whose} · {zoned} · {how}", lit=log.has_focus)

    def action_reconnect(self) -> None:
        """Reconnect; a session that works is only torn down when the person says so."""
        self.post(Act(RECONNECT, self.aim().targets))

    def action_disconnect(self) -> None:
        """Disconnect, once confirmed."""
        self.post(Act(DISCONNECT, self.aim().targets))

    def action_restart(self) -> None:
        """Have its gateway restart it; a session that works only when the person says so."""
        self.post(Act(RESTART, self.aim().targets))

    def action_logout(self) -> None:
        """Unlink its account, once confirmed."""
        self.post(Act(LOGOUT, self.aim().targets))

    def action_delete(self) -> None:
        """Delete, once confirmed."""
        self.post(Act(DELETE, self.aim().targets))

    def action_acknowledge(self) -> None:
        """Take care of it, or take that back."""
        self.post(Acknowledge(self.aim()))

    def action_snooze(self) -> None:
        """Ask for how long it is to call nobody; where that is so already, end it."""
        self.post(Snooze(self.aim()))

    def action_edit(self) -> None:
        """Open the form for its name and its primary."""
        self.post(Edit(self.aim().key))

    def action_send(self) -> None:
        """Open the test message's form."""
        self.post(SendFrom(self.aim().key))

    def action_qr(self) -> None:
        """Show the QR code; looking changes nothing, so a read-only monitor may. One logged out is given a new one."""
        aim = self.aim()
        self._go("qr")
        if aim.key is not None and not aim.doubt:
            self.post(RenewCode(aim.key, if_none=True))

    def action_details(self) -> None:
        """Show facts and timeline."""
        self._go("details")

    def action_log(self) -> None:
        """Show its log."""
        self._go("log")

    def action_raw(self) -> None:
        """Show it as JSON."""
        self._go("raw")

    def action_copy(self) -> None:
        """Copy its id."""
        key = self.aim().key
        self.post(Copy(key[1] if key is not None else "", "id"))

    def action_copy_phone(self) -> None:
        """Copy its phone number."""
        key = self.aim().key
        session = self.monitor.state.sessions.get(key) if key is not None else None
        number = session.phone_number if session is not None else None
        self.post(Copy(f"+{number.lstrip('+')}" if number else "", "phone number"))

    def _go(self, view: str) -> None:
        key = self.aim().key
        if key is None:
            self.say("no session is under the cursor", "warn")
        else:
            self.post(Go(Place(view, key)))
