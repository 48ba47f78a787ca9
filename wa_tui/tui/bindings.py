"""The table of keys as Textual's bindings."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from wa_tui.keys.table import KEYS, Context, keys_of


def bindings(*contexts: Context) -> list[BindingType]:
    """Textual bindings of these contexts; each carries its id, for a keymap."""
    # The keys to leave with work in a form as well, where the other one is a letter.
    return [
        Binding(name, key.action, key.label, id=key.id, show=False, priority=name in ("ctrl+c", "ctrl+z"))
        for context in contexts
        for key in keys_of(context)
        for name in key.names
    ]


def contexts_of(bound: Iterable[BindingType]) -> list[Context]:
    """Return the contexts that these bindings are of, as they come."""
    ids = {binding.id for binding in bound if not isinstance(binding, tuple)}
    return list(dict.fromkeys(key.context for key in KEYS if key.id in ids))
