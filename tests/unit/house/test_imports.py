"""Imports go one way: no module imports another that imports it, be it for types alone or within a function."""

from __future__ import annotations

from .sources import circles, imports


def test_no_modules_import_one_another() -> None:
    assert circles(imports()) == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set[str](), "e": {"d"}}
    assert circles(graph) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": set()}) == []


def test_imports_of_every_kind_are_seen() -> None:
    graph = imports()
    assert "wa_tui.store.sqlite" in graph["wa_tui.store"], "by a package of its module"
    assert "wa_tui.cli" in graph["wa_tui.__main__"]
