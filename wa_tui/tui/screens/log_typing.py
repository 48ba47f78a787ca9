"""What is typed into the log: what to look for, what to show, when to go to."""

from __future__ import annotations

from datetime import datetime

from wa_tui.text.moments import EXAMPLES, moment
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.filter_line import FilterLine

_SEARCH, _FILTER, _TIME = "/", "filter", "go to"
_PLACEHOLDERS = {
    _SEARCH: "what to look for",
    _FILTER: "word !word source:heal,action gateway: session: level:trouble",
    _TIME: EXAMPLES,
}


class LogTyping(FleetScreen[None]):
    """A screen with one line to type into, beside its title; it goes once that is done."""

    DEFAULT_CSS = "LogTyping FilterLine { width: 60%; max-width: 64; }"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.searched = ""
        self.filtered = ""
        self._prompt: str | None = None

    def search_for(self, text: str) -> None:
        """Light a text wherever it is."""
        raise NotImplementedError

    def find(self, step: int) -> bool:
        """Go to the next place (1) or the one before (-1); tell whether there is one."""
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Show only what has these words."""
        raise NotImplementedError

    def focus_lines(self) -> None:
        """Have the keys go to the lines."""
        raise NotImplementedError

    async def go_to(self, at: datetime) -> None:
        """Make what happened at an instant the first in view."""
        raise NotImplementedError

    async def action_search(self) -> None:
        """Look for a text."""
        await self._ask(_SEARCH, self.searched)

    async def action_filter(self) -> None:
        """Type what the events must have."""
        await self._ask(_FILTER, self.filtered)

    async def action_go_to_time(self) -> None:
        """Type a time to go to."""
        await self._ask(_TIME, "")

    def action_find(self, step: int) -> None:
        """Go to the next place that has the text, or the previous one."""
        if not self.searched:
            self.monitor.hint(self.hint("nothing is searched for", "log.search", "looks for a text"))
        elif not self.find(step):
            self.monitor.say(Notice(f"{self.searched} is in none of these lines", "warn"))

    async def _ask(self, prompt: str, text: str) -> None:
        await self._close_prompt()
        self._prompt = prompt
        line = FilterLine(text, _PLACEHOLDERS[prompt], sign=prompt)
        await self.query_one("#title").mount(line)
        line.edit(anew=prompt == _SEARCH)

    async def _close_prompt(self) -> None:
        self._prompt = None
        self.focus_lines()
        await self.query(FilterLine).remove()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Follow every letter."""
        if self._prompt == _SEARCH:
            self._search(event.text)
        elif self._prompt == _FILTER:
            self._filter(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Do what was asked for; what holds is said in the title. A time that is none can be mended."""
        prompt, text = self._prompt, event.text.strip()
        at = None
        if prompt == _TIME and text:
            try:
                at = moment(text, self.monitor.clock())
            except ValueError as error:
                self.monitor.say(Notice(str(error), "warn"))
                return
        await self._close_prompt()
        if prompt == _SEARCH and text:
            self.action_find(-1)
        elif at is not None:
            await self.go_to(at)

    def _search(self, text: str) -> None:
        self.searched = text.strip()
        self.search_for(self.searched)

    def _filter(self, text: str) -> None:
        self.filtered = text.strip()
        self.filter_by(text)

    def go_up(self) -> bool:
        """Take off where something is typed, else the search, else the filter; tell whether there was one."""
        if self._prompt is not None:
            self.run_worker(self._close_prompt(), group="prompt")
        elif self.searched:
            self._search("")
        elif self.filtered:
            self._filter("")
        else:
            return False
        return True
