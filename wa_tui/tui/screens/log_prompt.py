"""The line that is typed into beside the log's title: what to look for, what to show, when to go to."""

from __future__ import annotations

from enum import StrEnum

from textual.containers import Horizontal

from wa_tui.text.moments import EXAMPLES
from wa_tui.tui.widgets.fields import FilterLine


class Prompt(StrEnum):
    """What is asked for; the value stands before what is typed."""

    SEARCH = "/"
    FILTER = "filter"
    TIME = "go to"


_PLACEHOLDERS = {
    Prompt.SEARCH: "what to look for",
    Prompt.FILTER: "word !word source:heal,action gateway: session: level:trouble",
    Prompt.TIME: EXAMPLES,
}


class LogPrompt:
    """One line in ``title``, which goes once that is typed; the line tells the screen what is typed."""

    def __init__(self, title: Horizontal) -> None:
        self._title = title
        self.asks_for: Prompt | None = None
        """``None`` while there is no line."""

    async def open(self, prompt: Prompt, text: str) -> None:
        """Ask for something, with a text to go on from; a search begins anew."""
        await self.close()
        self.asks_for = prompt
        line = FilterLine(text, _PLACEHOLDERS[prompt], sign=prompt)
        await self._title.mount(line)
        line.edit(anew=prompt is Prompt.SEARCH)

    async def close(self) -> None:
        """Take the line away."""
        self.asks_for = None
        await self._title.query(FilterLine).remove()
