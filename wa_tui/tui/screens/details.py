"""One session: its facts, what it went through, what was tried, what was sent through it."""

from __future__ import annotations

from datetime import datetime
from heapq import merge

from textual.app import ComposeResult
from textual.widget import Widget

from wa_tui.filters.levels import is_rotation
from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.feed import Daemon
from wa_tui.tui.log import Record, Surroundings
from wa_tui.tui.message_list import MessageList
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters import attempts as attempt_words
from wa_tui.tui.presenters import messages as message_words
from wa_tui.tui.presenters.attempts import Attempt, attempts
from wa_tui.tui.presenters.event_line import reading_back
from wa_tui.tui.presenters.facts import Facts, facts
from wa_tui.tui.presenters.traffic import traffic_fields
from wa_tui.tui.screens.base import Reading
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Field, beside, fact_lines
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.sheet import ScrolledSheet, Sheet
from wa_tui.tui.widgets.table import Table
from wa_tui.tui.widgets.timeline import Timeline
from wa_tui.tui.widgets.title import PartsLine, TitleLine
from wa_tui.wire import EventView, MessageView, SessionKey, TrafficSeries

_TIMELINE, _ATTEMPTS, _MESSAGES, _FACTS = range(4)
_PARTS = ("Timeline", "Attempts", "Messages", "Facts")
_TWO_COLUMNS = 96
_GAP = 3


class DetailsScreen(SessionScreen):
    """How it is stands above; below is one of its parts."""

    AUTO_FOCUS = "Timeline"
    BINDINGS = bindings(Context.DETAILS)
    DEFAULT_CSS = """
    DetailsScreen #state { padding: 1 2; max-height: 60%; }
    DetailsScreen.-tiny #state { padding: 0 2; }
    DetailsScreen .part { display: none; }
    DetailsScreen .part.-shown { display: block; }
    DetailsScreen ScrolledSheet { padding: 0 2; }
    """

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        assert place.key is not None
        self._key = place.key
        self._record = Record(place.key)
        self._around = Surroundings(place.key[0])
        self._sent = MessageList(place.key)
        self._part = _TIMELINE
        self._past = Reading(self, "older events", self._show_past, group="past")
        self._reading = Reading(self, "its messages", self._show_messages, group="messages")
        self._shown: tuple[int, EventView | None, datetime, int, int] | None = None
        self._tried: dict[int, Attempt] = {}
        self._state = Sheet(id="state")
        self._line = PartsLine()
        self._timeline = Timeline()
        self._attempts: Table[int, Attempt] = Table(attempt_words.COLUMNS, self._attempt_cell, id="attempts")
        self._messages: Table[str, MessageView] = Table(
            message_words.COLUMNS, self._message_cell, id="messages"
        )
        self._facts = ScrolledSheet()
        self._series: TrafficSeries | None = None
        self._series_at: datetime | None = None
        """The minute that they were read in: they are read again in each."""
        self._counting = Reading(self, "its traffic", self._show_traffic, group="traffic")

    def compose(self) -> ComposeResult:
        """Name, how it is, the parts' names, the parts, notice, keys."""
        yield TitleLine(rule=True)
        yield self._state
        yield self._line
        for part in self._bodies:
            part.add_class("part")
            yield part
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known and fetch what happened before this monitor came."""
        self.show_keys(Context.VIEW, Context.SESSION, Context.ACTION, Context.DETAILS, Context.EVERYWHERE)
        self.action_part(_TIMELINE + 1)
        self.show_fleet(set())
        self._fetch()

    @property
    def _bodies(self) -> tuple[Widget, ...]:
        return (self._timeline, self._attempts, self._messages, self._facts)

    def aim(self) -> Aim:
        """Return the session that is shown, while there is one."""
        if self._key not in self.monitor.state.sessions:
            return Aim()
        return Aim(self._key, targets=Targets((self._key,)))

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring facts and parts up to date; a deleted session keeps its timeline."""
        state = self.monitor.state
        name = state.label(self._key)
        breadcrumbs = self.breadcrumbs
        place = " · ".join(part for part in self._key if part != name)
        self.query_one(TitleLine).show(name, f"· {place}", breadcrumbs=breadcrumbs)
        self._read_traffic()
        self._state.show(self._state_lines)
        self._facts.sheet.show(self._fact_lines)
        self._record.apply(state.events)
        self._around.apply(state.events)
        self._show_events()
        self._take_messages()
        self._entitle()

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session, while there is one."""
        key = self.aim().key
        return key[0] if key is not None else None

    # Facts

    def _known(self) -> Facts | None:
        monitor = self.monitor
        session = monitor.state.sessions.get(self._key)
        if session is None:
            return None
        return facts(
            session, monitor.state, Palette.of(self.app), self.key_names, iso_times=monitor.iso_times
        )

    def _state_lines(self, width: int) -> list[Pieces]:
        """How it is; beside it the rest where that has room, else that is a part of its own."""
        known = self._known()
        if known is None:
            return [(Piece("This session was deleted.", Ink.AMBER),)]
        if width < _TWO_COLUMNS - 4:
            return fact_lines(known.state, width)
        half = (width - _GAP) // 2
        right = fact_lines([*known.account, *known.evidence], width - half - _GAP)
        left = fact_lines([*known.state, *self._traffic_fields()], half)
        return beside(left, right, half + _GAP)

    def _fact_lines(self, width: int) -> list[Pieces]:
        known = self._known()
        if known is None:
            return [()]
        return fact_lines([*known.account, *known.evidence, known.ribbon, *self._traffic_fields()], width)

    # Traffic

    def _traffic_fields(self) -> list[Field]:
        state = self.monitor.state
        reading, ascii = self._counting.is_under_way, self.monitor.ascii
        session = state.sessions[self._key]
        return traffic_fields(session, self._series, state.now, reading=reading, ascii=ascii)

    def _read_traffic(self) -> None:
        state = self.monitor.state
        session = state.sessions.get(self._key)
        tells = session is not None and session.traffic is not None
        if tells and state.connected and self._series_at != state.now:
            self._series_at = state.now
            self._counting.begin(self._count)

    async def _count(self, daemon: Daemon) -> None:
        self._series = await daemon.traffic(*self._key)

    def _show_traffic(self) -> None:
        self._state.show(self._state_lines)
        self._facts.sheet.show(self._fact_lines)

    # Timeline and attempts

    def _show_events(self) -> None:
        events, now = self._record.events, self.monitor.state.now
        around = self._around.rows(events[0].id) if events else []
        ends = self._around.ends()
        # All that rows and attempts are made of: thousands of events are not merged and parsed at every frame.
        shown = (len(events), events[0] if events else None, now, len(around), len(ends))
        if shown != self._shown:
            self._shown = shown
            own = (event for event in events if not is_rotation(event))
            rows = [*merge(own, around, key=lambda event: event.id)]
            self._timeline.show_events(rows, now, ends=ends)
            self._tried = {one.id: one for one in attempts(events)}
        self._timeline.iso_times = self.monitor.iso_times
        self._timeline.repaint()
        reading = self._past.is_under_way
        self._timeline.say("reading what happened before …" if reading else "nothing has happened yet")
        self._attempts.show(self._tried)
        self._attempts.say(self.hint("nothing was tried with it", "session.reconnect", "reconnects it"))

    def on_tail_view_top_reached(self) -> None:
        """Fetch what was before."""
        self._fetch()

    def on_tail_view_follow_changed(self) -> None:
        """Say so."""
        self._entitle()

    def _fetch(self) -> None:
        if not self._record.whole and self.monitor.state.connected:
            self._past.begin(self._reach_back)

    async def _reach_back(self, daemon: Daemon) -> None:
        await self._record.reach_back(daemon)
        if self._record.events:
            await self._around.reach_back(daemon, self._record.events[0].at)

    def _show_past(self) -> None:
        self._show_events()
        self._entitle()

    def _attempt_cell(self, attempt: Attempt, title: str, width: int) -> Pieces:
        return attempt_words.attempt_cell(attempt, title, width, self.monitor.state.now)

    # Messages

    def _take_messages(self) -> None:
        state = self.monitor.state
        known = self._sent.apply(state.receipts)
        if not state.connected:
            self._sent.doubt()
        elif not known and self._part == _MESSAGES:
            self._reading.begin(self._sent.read)
        self._messages.show(self._sent.messages)
        none = self.hint("no message was sent through it", "session.send", "sends one")
        self._messages.say("reading …" if self._reading.is_under_way else none)

    def _show_messages(self) -> None:
        self._take_messages()
        self._entitle()

    def _message_cell(self, message: MessageView, title: str, width: int) -> Pieces:
        return message_words.message_cell(message, title, width, self.monitor.state.now, self._called)

    def _called(self, key: SessionKey) -> str:
        return self.monitor.state.label(key)

    # Parts

    @property
    def _names(self) -> tuple[str, ...]:
        """The parts there are: the facts are one where they have no room above."""
        return _PARTS if self.size.width < _TWO_COLUMNS else _PARTS[:_FACTS]

    def _entitle(self) -> None:
        self._line.show(self._names, self._part, self._note())

    def _note(self) -> str:
        if self._part == _TIMELINE:
            timeline = self._timeline
            return "following" if timeline.following else reading_back(timeline.unseen, self.key_names)
        if self._part == _FACTS:
            return ""
        return str(len(self._attempts.keys if self._part == _ATTEMPTS else self._messages.keys))

    def action_part(self, number: int) -> None:
        """Show a part, by its number from 1; where the facts have room above they are no part."""
        if number > len(self._names):
            self.say("the facts are above, where there is room for them")
            return
        self._part = number - 1
        for index, body in enumerate(self._bodies):
            body.set_class(index == self._part, "-shown")
        self._bodies[self._part].focus()
        self._take_messages()
        self._entitle()

    def action_next_part(self) -> None:
        """Show the next part."""
        self.action_part((self._part + 1) % len(self._names) + 1)

    def action_previous_part(self) -> None:
        """Show the part before."""
        self.action_part((self._part - 1) % len(self._names) + 1)

    def on_parts_line_clicked(self, event: PartsLine.Clicked) -> None:
        """Show the part whose name was clicked."""
        self.action_part(event.part + 1)

    def on_resize(self) -> None:
        """A part that is none any more, because there is room above, is left."""
        if self._part >= len(self._names):
            self.action_part(1)
        self._entitle()
