"""How a setting is declared: its type, bounds, sentence and variable stand beside its field, and nowhere else.

A field of a settings class reads ``health: Annotated[Seconds, setting("seconds between …", env="WA_TUI_…")] = 10.0``.
The kind (`kinds.py`) has the type and the bounds; `settings_of` walks a class. The loader, the table of the
documentation, the JSON schema and the texts of errors all come from that walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, get_args

from msgspec import Meta, Struct

from . import values

REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of value is written, and who reads it.

    ``read`` makes what msgspec then converts out of a variable's text or a TOML value; it raises ValueError with the
    end of a sentence. ``written`` is the TOML type, where that is not the field's.
    """

    noun: str
    """What a value of another type is not: ``number of seconds``."""
    read: Callable[[Any], Any]
    written: Any = None
    is_secret: Callable[[object], bool] = lambda _: False
    """Tells of which value an error must not show anything."""
    show: Callable[[Any], str] | None = None
    """Writes a default for people, where Python's text of it is not theirs."""
    is_number: bool = False
    """A text may hold it, and its bounds are told."""


FILE = Kind("path", values.path, written=str)
"""A path, which msgspec leaves to whoever knows what it is relative to."""


class Setting(Struct, frozen=True):
    """One setting as it can be written; ``env`` and ``toml`` are ``None`` where it cannot be."""

    name: str
    """``group.field``, as in `Config.given`."""
    field: str
    """The field of its class; of ``api_key_file`` too it is ``api_key``."""
    env: str | None
    toml: str | None
    default: str
    meaning: str
    kind: Kind
    type: Any
    """What msgspec converts to, its bounds included."""
    in_file: bool = False
    """What is written names a file that holds the value."""

    @property
    def key(self) -> str:
        """Its key in the table that it stands in."""
        return self.name.rpartition(".")[2]


def setting(
    meaning: str = "",
    *,
    env: str | None = None,
    default: str | None = None,
    toml: bool = True,
    in_file: str = "",
) -> Meta:
    """Declare a field to be a setting: ``meaning`` is a sentence without its first capital and its full stop.

    ``default`` says what holds where nothing is set, if the field's own default does not. ``in_file`` is the sentence
    of a second key, ``<field>_file``, which names a file that holds the value; without ``meaning`` it is the only one.
    """
    return Meta(description=meaning, extra={"env": env, "default": default, "toml": toml, "in_file": in_file})


def settings_of(declared: type, table: str = "") -> Iterator[Setting]:
    """Yield the settings of a class and of those its fields are made of, in the order of their declaration."""
    for field in fields(declared):
        hint: Any = field.type  # no string: `settings.py` says why
        # `from` is a word of Python's: a field cannot have it, a key can.
        own = field.name.removesuffix("_")
        name = f"{table}.{own}" if table else own
        if (inner := _settings_class(hint)) is not None:
            yield from settings_of(inner, name)
        else:
            yield from _settings(field, hint, name)


def bounds_of(hint: Any) -> Meta:
    """Return the bounds that a type is annotated with; all of them ``None`` where it has none."""
    metas = (mark for mark in _marks(hint) if isinstance(mark, Meta) and mark.extra is None)
    return next(metas, Meta())


def _settings(field: Field[Any], hint: Any, name: str) -> Iterator[Setting]:
    marks = list(_marks(hint))
    told = next((mark for mark in marks if isinstance(mark, Meta) and mark.extra is not None), None)
    if told is None or told.extra is None:  # a field that nobody sets
        return
    kind = next(mark for mark in marks if isinstance(mark, Kind))
    env, toml, meaning = told.extra["env"], told.extra["toml"], told.description
    if meaning:
        default = told.extra["default"] or _default(field, kind)
        yield Setting(name, field.name, env, name if toml else None, default, meaning, kind, hint)
    if in_file := told.extra["in_file"]:
        path = f"{name}_file"
        yield Setting(path, field.name, None, path, "none", in_file, kind, hint, in_file=True)


def _settings_class(hint: Any) -> type | None:
    """Return the class of settings that a field holds one of, or a tuple of."""
    for each in (hint, *get_args(hint)):
        if isinstance(each, type) and is_dataclass(each):
            return each
    return None


def _marks(hint: Any) -> Iterator[object]:
    """Yield what a type is annotated with, the outermost first; ``Annotated[Text | None, …]`` has two depths."""
    yield from reversed(getattr(hint, "__metadata__", ()))
    for inner in get_args(hint):
        if hasattr(inner, "__metadata__") or get_args(inner):
            yield from _marks(inner)


def _default(field: Field[Any], kind: Kind) -> str:
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    if value is MISSING:
        return REQUIRED
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value in ("", ()) or value == {}:
        return "none"
    if kind.show is not None:
        return kind.show(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)
