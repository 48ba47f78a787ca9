"""Messages go up and data goes down in the monitor: what shows is given what it shows, and knows no app of ours."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from textual.app import App

from .sources import modules

SHOWING = ("wa_tui.tui.presenters", "wa_tui.tui.widgets", "wa_tui.tui.screens", "wa_tui.tui.commands")


def nodes() -> Iterator[tuple[ast.AST, str]]:
    """Yield whatever stands in a module that shows something, and where."""
    for module, tree in modules().items():
        if module.startswith(SHOWING):
            for node in ast.walk(tree):
                yield node, f"{module}:{getattr(node, 'lineno', 0)}"


def test_nobody_who_shows_something_names_the_app_or_casts() -> None:
    assert [
        where for node, where in nodes() if isinstance(node, ast.Name) and node.id in ("WaTuiApp", "cast")
    ] == []


def test_of_the_app_only_what_is_textuals_is_used() -> None:
    of_textual: App[None] = App()
    reached = [
        f"{where} {node.attr}"
        for node, where in nodes()
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "app"
        and not hasattr(of_textual, node.attr)
    ]
    assert reached == []
