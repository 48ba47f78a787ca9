"""What can be done to sessions by keys, wherever there is one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_tui.tui.action_dispatch import Targets
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.presenters.following import reading_back
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import zone
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import DELETE, DISCONNECT, PRIMARY, RECONNECT, rename, snooze
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import SessionView
from wa_tui.wire.risk import Risk

if TYPE_CHECKING:
    from wa_tui.tui.screens.edit import Edited


class ActingScreen(FleetScreen[None]):
    """A screen with a session under the cursor, or with marked ones: what is done binds to them at the keypress.

    What only looks at a session, or opens a form for it, is always about the one under the cursor.
    """

    BINDINGS = bindings(Context.SESSION, Context.DEED)

    def chosen(self) -> SessionKey | None:
        """The session that a key pressed now is about."""
        raise NotImplementedError

    def under_cursor(self) -> SessionKey | None:
        """The session that the cursor is on now, whether or not anybody has seen that yet."""
        return self.chosen()

    def targets(self) -> Targets:
        """The sessions that something is done to: those marked, else the one under the cursor."""
        key = self.chosen()
        return Targets(() if key is None else (key,), self.doubt)

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session under the cursor."""
        key = self.under_cursor()
        return key[0] if key is not None else None

    def title_log(self, name: str, whose: str) -> None:
        """Say whose log this is, and whether it follows."""
        log = self.query_one(EventLog)
        how = "following" if log.following else reading_back(log.unseen, self.key_names)
        zoned = zone(self.monitor.clock())
        self.query_one("#log-title", TitleLine).show(name, f"· {whose} · {zoned} · {how}", lit=log.has_focus)

    def action_reconnect(self) -> None:
        """Reconnect; a session that works is only torn down when the person says so."""
        self.monitor.acting.act(RECONNECT, self.targets())

    def action_disconnect(self) -> None:
        """Disconnect, once confirmed."""
        self.monitor.acting.act(DISCONNECT, self.targets())

    def action_delete(self) -> None:
        """Delete, once confirmed."""
        self.monitor.acting.act(DELETE, self.targets())

    def action_acknowledge(self) -> None:
        """Take care of it, or take that back."""
        self.monitor.acting.acknowledge(self.targets())

    def action_snooze(self) -> None:
        """Ask for how long it is to call nobody; where that is so already, end it."""
        targets, acting = self.targets(), self.monitor.acting
        session = self._to_act_on("snooze", next(iter(targets.keys), None), Risk.OURS)
        if session is None:
            return
        if acting.are_snoozed(targets):
            acting.act(snooze(0), targets)
            return
        from wa_tui.tui.screens.snooze import SnoozeScreen

        if targets.keys == (self.chosen(),):
            targets = Targets(targets.keys)  # the question how long names it

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                acting.act(snooze(minutes), targets)

        number = len(targets.keys)
        whom = self.monitor.call(session.key) if number == 1 else f"{number} sessions"
        self.app.push_screen(SnoozeScreen(whom), decided)

    def action_edit(self) -> None:
        """Open the form for its name and its primary."""
        session = self._to_act_on("edit", self.chosen(), Risk.OURS)
        if session is None:
            return
        from wa_tui.tui.screens.edit import EditScreen

        def decided(edited: Edited | None) -> None:
            if edited is not None:
                self._save(session.key, edited)

        self.app.push_screen(EditScreen(session), decided)

    def action_send(self) -> None:
        """Open the test message's form."""
        session = self._to_act_on("test message from", self.chosen())
        if session is not None:
            from wa_tui.tui.screens.send_message import SendScreen

            self.app.push_screen(SendScreen(session.key))

    def action_qr(self) -> None:
        """Show the QR code; looking changes nothing, so a read-only monitor may. One logged out is given a new one."""
        key, doubt = self.chosen(), self.doubt
        self._go("qr")
        if key is not None and not doubt:
            self.monitor.acting.start_code(key)

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
        key = self.chosen()
        self.monitor.copy(key[1] if key is not None else "", "id")

    def action_copy_phone(self) -> None:
        """Copy its phone number."""
        key = self.chosen()
        session = self.monitor.state.sessions.get(key) if key is not None else None
        number = session.phone_number if session is not None else None
        self.monitor.copy(f"+{number.lstrip('+')}" if number else "", "phone number")

    def _go(self, view: str) -> None:
        key = self.chosen()
        if key is None:
            self.monitor.say(Notice("no session is under the cursor", "warn"))
        else:
            self.monitor.navigation.go(Place(view, key))

    def _save(self, key: SessionKey, edited: Edited) -> None:
        """One action at a time: the primary is asked for once the name has its end."""
        acting = self.monitor.acting
        if edited.name is None:
            if edited.primary:
                acting.act(PRIMARY, Targets((key,)))
            return

        def on_update(notice: Notice) -> None:
            self.monitor.say(notice)
            if notice.final and notice.level != "bad" and edited.primary:
                acting.act(PRIMARY, Targets((key,)))

        subject = self.monitor.call(key)
        if not self.monitor.refuses(f"rename {subject}", key[0], Risk.OURS):
            self.monitor.ask(rename(edited.name).request(key), f"{subject} to {edited.name}", on_update)

    def _to_act_on(self, what: str, key: SessionKey | None, risk: Risk = Risk.GATEWAY) -> SessionView | None:
        session = self.monitor.state.sessions.get(key) if key is not None else None
        if session is None:
            self.monitor.say(Notice(f"{what.removesuffix(' from')}: no session is under the cursor", "warn"))
            return None
        refused = self.monitor.refuses(f"{what} {self.monitor.call(session.key)}", session.gateway, risk)
        return None if refused else session
