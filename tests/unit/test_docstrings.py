"""Public methods have a docstring, unless their name says it all: an override, or what Textual calls by its name."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import wa_tui

ROOT = Path(wa_tui.__file__).parent
SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if "node_modules" not in path.parts]

CALLED_BY_TEXTUAL = re.compile(r"(on|action|watch|validate|compute|key)_\w+|compose|render|render_line")

EMPTY = {
    *(
        "a",
        "an",
        "the",
        "of",
        "to",
        "for",
        "in",
        "its",
        "it",
        "is",
        "and",
        "or",
        "with",
        "by",
        "this",
        "that",
    ),
    *("return", "returns"),
}
"""Words that say nothing beyond a name."""


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


def public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node


def classes(path: Path) -> Iterator[tuple[type, ast.ClassDef]]:
    """Yield the public classes of a module, as they are and as they are written."""
    nodes = [node for node in public(ast.parse(path.read_text()).body) if isinstance(node, ast.ClassDef)]
    if nodes:
        module = importlib.import_module(module_of(path))
        yield from ((getattr(module, node.name), node) for node in nodes if hasattr(module, node.name))


def overrides(owner: type, name: str) -> bool:
    return any(name in base.__dict__ for base in owner.__mro__[1:])


def undocumented(path: Path) -> Iterator[str]:
    for owner, node in classes(path):
        for method in public(node.body):
            excused = CALLED_BY_TEXTUAL.fullmatch(method.name) or overrides(owner, method.name)
            setter = any(isinstance(each, ast.Attribute) for each in getattr(method, "decorator_list", ()))
            if not (ast.get_docstring(method) or excused or setter):
                yield f"{module_of(path)}: {owner.__name__}.{method.name}"


def test_a_public_method_says_what_its_name_does_not() -> None:
    assert not [method for path in SOURCES for method in undocumented(path)]


def repeats(name: str, docstring: str) -> bool:
    """Tell whether a docstring has no word beyond its name's."""
    stems = {word[:4] for word in re.findall("[a-z]+", re.sub("([A-Z])", r" \1", name).lower())}
    words = set(re.findall(r"[a-z0-9]+", docstring.lower())) - EMPTY
    return all(word[:4] in stems for word in words)


def empty(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            docstring = ast.get_docstring(node)
            if docstring and repeats(node.name, docstring):
                yield f"{module_of(path)}: {node.name}: {docstring}"


def test_no_docstring_repeats_its_name() -> None:
    assert not [docstring for path in SOURCES for docstring in empty(path)]
