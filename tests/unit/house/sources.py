"""The sources of `wa_tui` as syntax trees, and which module imports which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from wa_tui.system import garbage

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "wa_tui"


@cache
def modules() -> dict[str, ast.Module]:
    """Return each module's tree by its dotted name; a package's is that of its ``__init__``."""
    # Python 3.11 loses count of its recursion where the collector runs something in the midst of a parse.
    with garbage.paused():
        return {_name(path): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports() -> dict[str, set[str]]:
    """Return what each module imports of ours: for types alone, deferred, and the packages that hold it as well."""
    return {name: set(_imports(name, tree)) - {name} for name, tree in modules().items()}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import one another, directly or by others (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in path:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = path[path.index(name) :]
            del path[path.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _executed(name, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base(name, node)
            for alias in node.names:
                yield from _executed(
                    name, f"{base}.{alias.name}" if f"{base}.{alias.name}" in _names() else base
                )


@cache
def _names() -> frozenset[str]:
    return frozenset(modules())


def _base(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = (ROOT / name.replace(".", "/")).is_dir()
    parts = name.split(".")
    above = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*above, *([node.module] if node.module else [])])


def _executed(importer: str, imported: str) -> Iterator[str]:
    """Yield an imported module, and the packages around it that are not around its importer: they run first."""
    parts = imported.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in _names() and (end == len(parts) or not f"{importer}.".startswith(f"{name}.")):
            yield name
