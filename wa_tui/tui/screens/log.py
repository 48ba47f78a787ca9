"""The log on the whole screen: of the fleet, of a gateway or of a session."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.keys.table import Context
from wa_tui.text.counts import many
from wa_tui.text.moments import moment
from wa_tui.tui.bindings import bindings
from wa_tui.tui.export import save_log
from wa_tui.tui.feed import Daemon
from wa_tui.tui.intents import Notify
from wa_tui.tui.log import Reader
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.event_line import Times, lines, reading_back
from wa_tui.tui.presenters.times import zone
from wa_tui.tui.screens.base import FleetScreen, Reading
from wa_tui.tui.screens.log_parts import LogCursor, LogPrompt, Prompt
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.fields import FilterLine
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.log_view import LogView
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import SessionKey


class LogScreen(FleetScreen[None]):
    """Everything that happened, as far back as the daemon keeps it."""

    AUTO_FOCUS = "LogView"
    BINDINGS = bindings(Context.LOG_VIEW)
    DEFAULT_CSS = """
    LogScreen #title { height: 1; }
    LogScreen FilterLine { width: 60%; max-width: 64; }
    """

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        self._reader = Reader(place.key, place.gateway)
        self._log = LogView()
        self._title = Horizontal(id="title")
        self._prompt = LogPrompt(self._title)
        self._cursor = LogCursor(self._reader, self._log)
        self._searched = ""
        self._filtered = ""
        self._older = Reading(self, "older events", self._show, group="older")

    def compose(self) -> ComposeResult:
        """Title, where to type, the events, notice, keys."""
        with self._title:
            yield TitleLine(rule=True)
        yield self._log
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known; a screenful more is fetched where that is little."""
        self.show_keys(Context.VIEW, Context.LOG_VIEW, Context.EVERYWHERE)
        self.show_fleet(set())
        self._fetch()

    @property
    def breadcrumb(self) -> str:
        """Whose log it is."""
        return f"Log {self._whose}" if self._whose else "Log"

    @property
    def _whose(self) -> str:
        place = self.place
        if place is None or place.key is None:
            return (place and place.gateway) or ""
        return self.monitor.state.label(place.key)

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Add what came in."""
        self._reader.apply(self.monitor.state.events)
        self._show()

    def _show(self) -> None:
        now = self.monitor.state.now
        self._log.iso_times = self.monitor.iso_times
        self._log.show_events(self._reader.shown(now), now)
        self._log.say(self._note())
        self._entitle()

    def _note(self) -> str:
        if self._older.is_under_way:
            return "reading what happened before …"
        wanted = " · ".join(self._reader.said)
        if not wanted:
            return "nothing has happened yet"
        return self.hint(f"nothing of that happened: {wanted}", "view.back", "shows all")

    def _entitle(self) -> None:
        log = self._log
        if not log.autoscroll:
            how = f"not following, {lines(log.unseen)}{self.key_names['log.autoscroll']} follows"
        elif log.following:
            how = "following"
        else:
            how = reading_back(log.unseen, self.key_names)
        found = [f"/{self._searched}"] if self._searched else []
        whose = self._whose or "all sessions"
        said = " · ".join([whose, zone(self.monitor.clock()), how, *self._reader.said, *found])
        breadcrumbs = self.breadcrumbs
        self.query_one(TitleLine).show("Log", f"· {said}", lit=log.has_focus, breadcrumbs=breadcrumbs)

    def on_tail_view_follow_changed(self) -> None:
        """Say so in the title."""
        self._entitle()

    def on_tail_view_top_reached(self) -> None:
        """Fetch what was before."""
        self._fetch(announce=True)

    def on_descendant_focus(self) -> None:
        """Light the title while keys go to the log."""
        self._entitle()

    # What was before

    def _fetch(self, *, back_to: datetime | None = None, announce: bool = False) -> None:
        if not self._reader.record.whole:
            self._older.begin(lambda daemon: self._reach_back(daemon, back_to))
        elif announce:
            self.say("nothing older is kept")

    async def _reach_back(self, daemon: Daemon, to: datetime | None) -> None:
        if not self.monitor.state.connected:
            return
        if to is not None:
            await self._reader.reach_back_to(to, daemon)
        else:
            await self._reader.record.reach_back(daemon)

    # What is shown

    def action_window(self, number: int) -> None:
        """Show only what is as old as that; 0 all."""
        window = self._reader.choose_window(number)
        self._show()
        if window is not None:
            self._fetch(back_to=self.monitor.state.now - window)

    def action_level(self) -> None:
        """Show only what matters more; again goes on, and round to all."""
        self._reader.choose_level()
        self._show()

    def action_clear_log(self) -> None:
        """Show only what comes from now on."""
        self._reader.clear()
        self._show()

    def action_mark_log(self) -> None:
        """Draw a line after the newest event."""
        self._reader.record.mark(self.monitor.clock())
        self._show()

    def action_autoscroll(self) -> None:
        """Follow the newest, or stay where it is whatever comes."""
        self._log.autoscroll = not self._log.autoscroll
        if self._log.autoscroll:
            self._log.action_scroll_end()
        else:
            self._log.follow(False)
        self._entitle()

    def action_wrap(self) -> None:
        """Let long lines go on in the next, or cut them."""
        self._log.wraps = not self._log.wraps

    def action_show_times(self) -> None:
        """Tell when, or not."""
        self._log.show_times(Times.NONE if self._log.times is Times.SHORT else Times.SHORT)

    def action_save(self) -> None:
        """Save the lines that are shown into a new file."""
        events = self._log.events
        if not events:
            self.say("there are no lines to save", "warn")
            return
        try:
            path = save_log(events, self.monitor.pictures, self.monitor.clock())
        except OSError as error:
            self.say(f"the log was not saved: {error}", "bad")
        else:
            self.say(f"{many(len(events), 'event')} saved as {path}", "good")

    # What is typed

    async def action_search(self) -> None:
        """Look for a text."""
        await self._open(Prompt.SEARCH, self._searched)

    async def action_filter(self) -> None:
        """Type what the events must have."""
        await self._open(Prompt.FILTER, self._filtered)

    async def action_go_to_time(self) -> None:
        """Type a time to go to."""
        await self._open(Prompt.TIME, "")

    async def _open(self, prompt: Prompt, text: str) -> None:
        self._focus_lines()
        await self._prompt.open(prompt, text)

    async def _close_prompt(self) -> None:
        self._focus_lines()
        await self._prompt.close()

    def _focus_lines(self) -> None:
        self._log.focus()
        self._entitle()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Follow every letter."""
        if self._prompt.asks_for is Prompt.SEARCH:
            self._search(event.text)
        elif self._prompt.asks_for is Prompt.FILTER:
            self._filter(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Do what was asked for; what holds is said in the title. A time that is none can be mended."""
        asked_for, text = self._prompt.asks_for, event.text.strip()
        at = None
        if asked_for is Prompt.TIME and text:
            try:
                at = moment(text, self.monitor.clock())
            except ValueError as error:
                self.say(str(error), "warn")
                return
        await self._close_prompt()
        if asked_for is Prompt.SEARCH and text:
            self.action_find(-1)
        elif at is not None:
            await self._go_to(at)

    def action_find(self, step: int) -> None:
        """Go to the next place that has the text, or the previous one."""
        if not self._searched:
            self.say(self.hint("nothing is searched for", "log.search", "looks for a text"))
        elif not self._log.find(step):
            self.say(f"{self._searched} is in none of these lines", "warn")

    def _search(self, text: str) -> None:
        self._searched = text.strip()
        self._log.search(self._searched)
        self._entitle()

    def _filter(self, text: str) -> None:
        self._filtered = text.strip()
        before, problem = self._reader.chosen.problem, self._reader.filter_by(text)
        if problem is not None:
            self.say(problem, "warn")
        elif before is not None:
            self.post(Notify(None))
        self._show()

    # Where one is

    def action_hours(self, step: int) -> None:
        """Go so many hours on, or back."""
        at = self._cursor.step(step, self.monitor.clock())
        self.run_worker(self._go_to(at), group="older", exclusive=True)

    async def _go_to(self, at: datetime) -> None:
        """Make what happened then the first in view, and say so where nothing did."""
        await self._older.now(lambda daemon: self._reach_back(daemon, at))
        self._show()
        note = self._cursor.go_to(at, self.monitor.clock(), self.monitor.state.now, self.key_names)
        if note is not None:
            self.say(note)

    def go_up(self) -> bool:
        """Take off what is typed, else the search, else the filter, else the windows; tell whether there was one."""
        if self._prompt.asks_for is not None:
            self.run_worker(self._close_prompt(), group="prompt")
        elif self._searched:
            self._search("")
        elif self._filtered:
            self._filter("")
        elif self._reader.reset():
            self._show()
        else:
            return False
        return True
