"""The JSON schema of the configuration file, made of the declarations of its settings."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from .declaration import REQUIRED, Setting
from .settings import SETTINGS


def schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration file, for editors that complete and check TOML by one."""
    top, tables = _object(), dict[str, dict[str, Any]]()
    for setting in SETTINGS:
        if setting.toml is None:
            continue
        table, _, key = setting.toml.rpartition(".")
        place = tables.setdefault(table, _object()) if table else top
        place["properties"][key] = _property(setting)
        if setting.default == REQUIRED:
            place.setdefault("required", []).append(key)
    for name, one in tables.items():
        top["properties"][name] = _SEVERAL[name](one) if name in _SEVERAL else one
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "wa-tui's configuration"} | top


_SEVERAL: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "canary": lambda one: {"type": "array", "items": one},
    "gateways": lambda one: {"type": "array", "items": one},
    "views": lambda one: {"type": "object", "additionalProperties": one},
}
"""``[[gateways]]`` is a list of tables, ``[views.NAME]`` a table of tables."""


def _object() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _property(setting: Setting) -> dict[str, Any]:
    written = str if setting.in_file else setting.kind.written or _given(setting.type)
    return msgspec.json.schema(Annotated[written, Meta(description=setting.meaning)])


def _given(hint: Any) -> Any:
    """Return a type without ``None``, which TOML cannot write; the inner one keeps its bounds."""
    inner = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    if get_origin(inner) in (Union, UnionType):
        return next(each for each in get_args(inner) if each is not NoneType)
    return hint
