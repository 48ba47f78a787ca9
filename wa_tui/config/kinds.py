"""What a setting may be: for each kind the type and bounds that msgspec checks, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from wa_tui.identity.kinds import AUTO, GatewayKind

from . import credentials, values
from .declaration import FILE, Kind

THEMES = ("dark", "light", "dark-colorblind", "light-colorblind", "ansi")
"""The monitor's themes; ``ansi`` has the terminal's own 16 colours."""

GATEWAY_KINDS = (*(str(kind) for kind in GatewayKind), AUTO)
"""What a gateway may be; ``auto``: it is asked."""

NOTICES = ("off", "osc9", "osc777")
"""How the monitor has the terminal show a desktop notice: not at all, or by which of its sequences."""


def _always(_: object) -> bool:
    return True


def _has_user(url: object) -> bool:
    """Before an @ stands a password more often than not."""
    return isinstance(url, str) and "@" in url


def _number(noun: str) -> Kind:
    return Kind(noun, values.stripped, is_number=True)


def _choice(noun: str, choices: tuple[str, ...]) -> Kind:
    return Kind(noun, values.one_of(noun, choices), written=Literal[choices])


Flag = Annotated[bool, Kind("flag", values.flag)]
FlagOrAuto = Annotated[bool | None, Kind("flag", values.flag_or_auto, written=bool | Literal["auto"])]

Seconds = Annotated[float, Meta(ge=0.01, le=366 * 86_400), _number("number of seconds")]
"""From a hundredth, so that something rests between, to a year."""
FrameSeconds = Annotated[float, Meta(ge=0.1, le=60), _number("number of seconds")]
Pause = Annotated[float, Kind("duration", values.pause, written=str | float)]
"""A duration as people type it, or a number of seconds: from a minute to a day."""
Days = Annotated[int, Meta(ge=1, le=36_600), _number("whole number of days")]
"""At most a century."""
Count = Annotated[int, Meta(ge=1, le=10_000), _number("whole number")]

Text = Annotated[str, Kind("text", values.text)]
Title = Annotated[str, Meta(max_length=200), Kind("text", values.title)]
Words = Annotated[tuple[str, ...], Kind("list of words", values.texts, written=list[str] | str)]
Theme = Annotated[str, _choice("theme", THEMES)]
GatewayKinds = Annotated[str, _choice("kind of gateway", GATEWAY_KINDS)]
Notices = Annotated[str, _choice("kind of notice", NOTICES)]
Hours = Annotated[tuple[time, time], Kind("time of day", values.hours, written=str)]
Remaps = Annotated[Mapping[str, str], Kind("table of keys", values.remaps, written=dict[str, Any])]

FilePath = Annotated[Path, FILE]
Command = Annotated[tuple[str, ...], Kind("command", values.command, written=list[str] | str)]
Address = Annotated[
    tuple[str, int], Kind("address", values.address, written=str, show=lambda place: "{}:{}".format(*place))
]
Url = Annotated[str, Kind("URL", values.url, is_secret=_has_user)]
SessionName = Annotated[str, Kind("session", values.session)]
GatewayName = Annotated[str, Kind("name", values.name)]

Key = Annotated[str, Meta(max_length=4096), Kind("key", credentials.key, is_secret=_always)]
WebhookSecret = Annotated[str, Kind("webhook secret", credentials.webhook_secret, is_secret=_always)]
User = Annotated[str, Kind("user's name", credentials.user)]
Password = Annotated[str, Kind("password", credentials.password, is_secret=_always)]
Headers = Annotated[
    Mapping[str, str], Kind("table of headers", credentials.headers, dict[str, str], is_secret=_always)
]
