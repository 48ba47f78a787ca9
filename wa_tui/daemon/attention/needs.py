"""What a gateway needs a person for besides its state, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.wire import Attention

Source = Callable[[str], list[Attention]]


class GatewayNeeds:
    """Asks its sources, in the order in which they were added."""

    def __init__(self, *sources: Source) -> None:
        self._sources = [*sources]

    def add(self, source: Source) -> None:
        """Ask one more, after the others."""
        self._sources.append(source)

    def __call__(self, gateway: str) -> list[Attention]:
        """Return why a gateway needs a person besides its state."""
        return [each for source in self._sources for each in source(gateway)]
