"""A thing has its field's word, and a word means one thing: the names of before are not given again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .sources import modules

MODULES = """
    acting away board choosing companion deeds doing front going hands marking need news nurse observing patient pause
    peel quieting resolve sent setting settle side sight standing tallies telling unrest wishing words
"""
"""What no module and no package is called any more."""

NAMES = """
    Acted ActionDesk Asked Away Board Companion Deed Deeds Hands Mirror News Patient Sight Standing Tallies Tally Told
    Unrest Wanted Ward asked crumb crumbs mirror news nurse nurses patient peel resolve settle take taken tallies tell
    told words
"""
"""What no class, function, parameter, field or attribute is called any more, nor with a ``_`` before it."""


def names() -> Iterator[tuple[str, str]]:
    """Yield whatever a source gives a name to, but for local variables: the name, and where that is."""
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield node.name, f"{module}:{node.lineno}"
                for field in node.body:
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                        yield field.target.id, f"{module}:{field.lineno}"
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, f"{module}:{node.lineno}"
                for argument in ast.walk(node.args):
                    if isinstance(argument, ast.arg):
                        yield argument.arg, f"{module}:{argument.lineno}"
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.attr, f"{module}:{node.lineno}"


def test_no_module_has_a_name_of_before() -> None:
    old = set(MODULES.split())
    assert [name for name in modules() if old & set(name.split(".")) and ".tui." not in name] == []


def test_nothing_has_a_name_of_before() -> None:
    old = set(NAMES.split())
    assert [f"{where} {name}" for name, where in names() if name.removeprefix("_") in old] == []


@pytest.mark.parametrize("package", ["text", "cli", "tui.style", "tui.presenters", "store.old_bodies"])
def test_what_the_plan_names_is_there(package: str) -> None:
    assert f"wa_tui.{package}" in modules()
