"""What a library does not promise stands in one file for each library, which says what, why, and in which version."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import wa_tui

ROOT = Path(wa_tui.__file__).parent

LEANING = {
    "wa_tui/daemon/http/uvicorn_internals.py": "uvicorn",
    "wa_tui/cli/options.py": "argparse",
    "wa_tui/store/worker.py": "aiosqlite",
    "wa_tui/text/cells.py": "rich",
    "wa_tui/tui/output/textual_internals.py": "textual",
}
"""The one file for each library."""

LIBRARIES = {"aiosqlite", "apscheduler", "httpcore", "httpx", "starlette", "textual", "uvicorn", "websockets"}
"""Whose classes are looked into where one of ours is made of them."""

OPEN = {"_replace", "_asdict", "_fields", "_exit"}
"""Public in spite of their looks: a NamedTuple's, and `os._exit`."""


@pytest.fixture(scope="module")
def sources() -> dict[str, ast.Module]:
    paths = [path for path in sorted(ROOT.rglob("*.py")) if "node_modules" not in path.parts]
    return {str(path.relative_to(ROOT.parent)): ast.parse(path.read_text()) for path in paths}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def defined(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a source gives to something of its own."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name):
                yield name


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the private modules and names of others that a source imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module != "__future__":
            parts = (node.module or "").split(".")
            if parts[0] != "wa_tui":
                yield from (
                    name for name in [*parts, *(each.name for each in node.names)] if is_private(name)
                )
        elif isinstance(node, ast.Import):
            yield from (part for each in node.names for part in each.name.split(".") if is_private(part))


def touched(tree: ast.AST, ours: set[str]) -> Iterator[str]:
    """Yield the private attributes that nothing of ours is called by: they are somebody else's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in ours | OPEN:
            yield node.attr


@cache
def classes_in(file: str) -> dict[str, ast.ClassDef]:
    """Return the classes of a module: `inspect.getsource` would parse it anew for each."""
    return {
        node.name: node for node in ast.parse(Path(file).read_text()).body if isinstance(node, ast.ClassDef)
    }


@cache
def of_library(base: type) -> frozenset[str]:
    """Return the private methods and attributes of a library's class, as its source gives them."""
    body = classes_in(inspect.getfile(base))[base.__qualname__]
    names = set()
    for node in [*body.body, *ast.walk(body)]:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) if node in body.body:
                names.add(name)
    return frozenset(filter(is_private, names))


def inherited(module: ModuleType, node: ast.ClassDef) -> Iterator[str]:
    """Yield the private names that a class uses, or takes for itself, though its library's class has them."""
    declared = getattr(module, node.name, None)
    if not isinstance(declared, type):
        return
    bases = [base for base in declared.__mro__ if base.__module__.partition(".")[0] in LIBRARIES]
    theirs = {name: base for base in reversed(bases) for name in of_library(base)}
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and each.attr in theirs and _is_self(each.value):
            yield f"{node.name}.{each.attr} of {theirs[each.attr].__name__}"
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name in theirs:
            yield f"{node.name}.{each.name}() of {theirs[each.name].__name__}"


def _is_self(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def inherited_in(path: str, tree: ast.Module) -> Iterator[str]:
    derived = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.bases]
    if derived:
        module = importlib.import_module(path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
        for node in derived:
            yield from inherited(module, node)


def test_no_private_name_of_a_library_is_used_elsewhere(sources: dict[str, ast.Module]) -> None:
    ours = {name for tree in sources.values() for name in defined(tree) if is_private(name)}
    found = {
        path: names
        for path, tree in sources.items()
        if path not in LEANING
        if (names := [*imported(tree), *touched(tree, ours), *inherited_in(path, tree)])
    }
    assert not found


@pytest.mark.parametrize(("path", "library"), LEANING.items())
def test_the_file_says_in_which_version_it_was_read(
    sources: dict[str, ast.Module], path: str, library: str
) -> None:
    assert library == "argparse" or f"{library.capitalize()} " in (ast.get_docstring(sources[path]) or "")


def test_uvicorns_insides_are_named_in_one_file(sources: dict[str, ast.Module]) -> None:
    for path, tree in sources.items():
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        inside = {module for module in modules if module.startswith("uvicorn.protocols")}
        # The simulator is a program of its own, which stands on uvicorn's protocol as it is.
        assert not inside or LEANING.get(path) == "uvicorn" or path.startswith("wa_tui/simulator/")


def test_nothing_is_put_into_the_table_of_modules(sources: dict[str, ast.Module]) -> None:
    for path in sources:
        assert "sys.modules" not in (ROOT.parent / path).read_text(), path
