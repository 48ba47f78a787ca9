"""The log on the whole screen: of the fleet, of a gateway or of a session."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.client import DaemonError
from wa_tui.text.counts import many
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.presenters.event_line import Times
from wa_tui.tui.presenters.following import lines, reading_back
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import zone
from wa_tui.tui.screens.log_going import LogGoing
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.tui.widgets.title import TitleLine


class LogScreen(LogGoing):
    """Everything that happened, as far back as the daemon keeps it."""

    AUTO_FOCUS = "LogView"
    BINDINGS = bindings(Context.LOG_VIEW)
    DEFAULT_CSS = """
    LogScreen #title { height: 1; }
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._fetching = False

    def compose(self) -> ComposeResult:
        """Title, where to type, the events, notice, keys."""
        with Horizontal(id="title"):
            yield TitleLine(rule=True)
        yield self._log
        yield NoticeLine()
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
        self._log.show_events(self._reader.shown(now), now)
        self._log.say(self._note())
        self._entitle()

    def _note(self) -> str:
        if self._fetching:
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
        found = [f"/{self.searched}"] if self.searched else []
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
        if self._reader.record.whole:
            if announce:
                self.monitor.hint("nothing older is kept")
        elif not self._fetching:
            self._fetching = True
            self.run_worker(self._fetch_older(back_to), group="older")

    async def _fetch_older(self, back_to: datetime | None) -> None:
        try:
            await self._reach_back(back_to)
        finally:
            self._fetching = False
            self._show()

    async def _reach_back(self, to: datetime | None) -> None:
        daemon = self.monitor.daemon
        if daemon is None or not self.monitor.state.connected:
            return
        try:
            if to is not None:
                await self._reader.reach_back_to(to, daemon)
            else:
                await self._reader.record.reach_back(daemon)
        except DaemonError as error:
            self.monitor.say(Notice(f"older events could not be read: {error}", "warn"))

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
        from wa_tui.tui.log.saving import save

        events = self._log.events
        if not events:
            self.monitor.say(Notice("there are no lines to save", "warn"))
            return
        try:
            path = save(events, self.monitor.pictures, self.monitor.clock())
        except OSError as error:
            self.monitor.say(Notice(f"the log was not saved: {error}", "bad"))
        else:
            self.monitor.say(Notice(f"{many(len(events), 'event')} saved as {path}", "good"))

    # What was typed

    def search_for(self, text: str) -> None:
        """Light a text wherever it is."""
        self._log.search(text)
        self._entitle()

    def find(self, step: int) -> bool:
        """Go to the next place, or the one before."""
        return self._log.find(step)

    def filter_by(self, text: str) -> None:
        """Show only what has these words."""
        before, problem = self._reader.chosen.problem, self._reader.filter_by(text)
        if problem is not None:
            self.monitor.say(Notice(problem, "warn"))
        elif before is not None:
            self.monitor.say(None)
        self._show()

    def focus_lines(self) -> None:
        """Have the keys go to the log."""
        self._log.focus()
        self._entitle()

    def go_up(self) -> bool:
        """Take off what is typed or searched for, else the windows."""
        if super().go_up():
            return True
        reset = self._reader.reset()
        if reset:
            self._show()
        return reset
