"""One of a few, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from wa_tui.text.cleaning import clean
from wa_tui.tui.style.palette import Ink
from wa_tui.tui.style.theme import ink_style


class Choice(Static, can_focus=True):
    """Shows one of ``values``; left, right and a click go to the next one."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; color: $bright; }
    Choice:focus { background: $cursor; text-style: $focus-style; }
    """

    def __init__(self, values: Sequence[str], chosen: str | None = None, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._values = list(values)
        self._index = self._values.index(chosen) if chosen in self._values else 0
        self._draw()

    @property
    def value(self) -> str | None:
        """The one that is shown; ``None`` where there is nothing to choose."""
        return self._values[self._index] if self._values else None

    @property
    def index(self) -> int:
        """Which of the values is shown."""
        return self._index

    def choose(self, value: str) -> None:
        """Show one of the values."""
        self._index = self._values.index(value)
        self._draw()

    def on_key(self, event: events.Key) -> None:
        step = {"left": -1, "right": 1, "space": 1}.get(event.key)
        if step is not None:
            event.stop()
            self._go(step)

    def on_click(self) -> None:
        self._go(1)

    def _go(self, step: int) -> None:
        if len(self._values) > 1:
            self._index = (self._index + step) % len(self._values)
            self._draw()

    def _draw(self) -> None:
        text = clean(self.value) if self.value is not None else "none configured"
        more = len(self._values) > 1
        hint = f"  ← → {self._index + 1} of {len(self._values)}" if more else ""
        self.update(Content.assemble(text, (hint, ink_style(Ink.QUIET))), layout=False)
