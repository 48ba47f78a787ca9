"""TOML tables that know where they stand, so that an error can name the file, the table and the key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from wa_tui.text.nearest import nearest

from .errors import ConfigError
from .values import as_toml, in_quotes

T = TypeVar("T")


class Origin(Struct, frozen=True):
    """Where a value stands: a variable's name, or a file and the key in it."""

    name: str
    file: str = ""

    @property
    def directory(self) -> Path | None:
        """What a relative path in it is relative to; ``None`` for the working directory."""
        return Path(self.file).parent if self.file else None

    def read(self, reader: Callable[[object], T], value: object, *, secret: bool = False) -> T:
        """Return ``reader(value)``; raises `ConfigError` that tells the value unless it is ``secret``."""
        try:
            return reader(value)
        except ValueError as error:
            quoted = in_quotes(value) and not secret
            words = "stands in quotes, which are part of it here: leave them out" if quoted else str(error)
            raise ConfigError(f"{self._shown(value, secret)} {words}") from None

    def _shown(self, value: object, secret: bool) -> str:
        equals = "=" if not self.file else " = "
        return str(self) if secret or isinstance(value, dict) else f"{self}{equals}{as_toml(value)}"

    def __str__(self) -> str:
        return f"{self.file}: {self.name}" if self.file else self.name


class Table(Struct, frozen=True):
    """One table of a TOML file; ``name`` is empty for the top of the file."""

    file: str
    name: str
    content: dict[str, Any]

    def origin(self, key: str) -> Origin:
        """Return where ``key`` stands."""
        return Origin(f"{self.name}.{key}" if self.name else key, self.file)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise `ConfigError` for the first key that is not known, naming the nearest one."""
        for key in self.content:
            if key not in known:
                where = f" in [{self.name}]" if self.name else ""
                raise ConfigError(f'{self.file}: unknown key "{key}"{where}; {or_known(key, known)}')

    def table(self, key: str) -> Table:
        """Return the table ``[key]``, empty where there is none."""
        content = self.content.get(key, {})
        if not isinstance(content, dict):
            raise ConfigError(f"{self.file}: {key} is not a table: write [{key}] and its keys below")
        return Table(self.file, key, content)

    def tables(self, key: str) -> list[Table]:
        """Return the tables ``[[key]]``."""
        found = self.content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ConfigError(f"{self.file}: {key} is not a list of tables: write [[{key}]] above each")
        return [Table(self.file, f"{key}.{number}", each) for number, each in enumerate(found, 1)]


def or_known(word: str, known: Collection[str], prefix: str = "") -> str:
    """Return the question after the nearest known word, or the list of all; ``prefix`` goes before each."""
    if near := nearest(word, known):
        return f'did you mean "{prefix}{near[0]}"?'
    return "known are " + ", ".join(prefix + each for each in sorted(known))
