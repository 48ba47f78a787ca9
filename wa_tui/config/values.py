"""Reads one value, a variable's text or a TOML value; each raises ValueError with the end of a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import time
from urllib.parse import urlsplit

from wa_tui.identity.names import is_shown
from wa_tui.text.durations import EXAMPLES, seconds_of

from .files import CURLY

GATEWAY_NAME = "up to 32 of a-z, A-Z, 0-9, dot, - and _, a letter or digit first"
"""What the name of a gateway is made of."""

_FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,31}")
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?")
_LONGEST_PATH = 1024
_SHORTEST_PAUSE, _LONGEST_PAUSE = 60, 86_400
_LONGEST_COMMAND = 32_768
_COMMAND = '["/usr/local/bin/page", "ops"]'
_LONGEST_SHOWN = 80


def stripped(value: object) -> object:
    """Return a value without what a text may have around a number."""
    return value.strip() if isinstance(value, str) else value


def text(value: object) -> str:
    """Return a text of at least one character, none of them a control character."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a text")
    if not value.isprintable():
        if any("\udc80" <= letter <= "\udcff" for letter in value):
            raise ValueError("has bytes in it that are not UTF-8")
        raise ValueError("has a line break or another control character in it")
    return value


def title(value: object) -> str:
    """Return a text that fits a line."""
    return value if isinstance(value, str) and value.strip() and is_shown(value) else text(value)


def path(value: object) -> str:
    """Return a path as it is written, unless it is one for a shell alone: in quotes, ``~ops/state``, ``$HOME/x``."""
    line = text(value)
    if in_quotes(line):
        raise ValueError("is not a path")
    if "://" in line:
        raise ValueError("is a URL, not a path of this machine")
    first = line.partition("/")[0]
    if first.startswith("~") and first != "~":
        raise ValueError(f"is not a path here: {first[:40]} is not looked up, write the whole path")
    if first.startswith("$"):
        raise ValueError(
            f"is not a path here: {first[:40]} is not replaced as in a shell, write the whole path"
        )
    if len(line) > _LONGEST_PATH:
        raise ValueError(f"is no path: more than {_LONGEST_PATH} characters")
    return line


def pause(value: object) -> float:
    """Return the seconds of what is typed as ``15m``, or is a number of them: from a minute to a day."""
    seconds = seconds_of(value) if isinstance(value, str) else value
    if seconds is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(f"is no duration; write {EXAMPLES}")
    if not _SHORTEST_PAUSE <= seconds <= _LONGEST_PAUSE:
        raise ValueError("is not between 1m and 1d")
    return float(seconds)


def session(value: object) -> str:
    """Return a session's name, with its gateway: ``eu-1/sales``."""
    gateway, slash, session_id = text(value).partition("/")
    if not (gateway and slash and session_id):
        raise ValueError('does not name a session with its gateway: write "eu-1/sales"')
    return f"{gateway}/{session_id}"


def command(value: object) -> tuple[str, ...]:
    """Return a program and its arguments: a list, a JSON list as a text, or the program alone."""
    if isinstance(value, str):
        value = _parted(value)
    if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
        raise ValueError(f"is not a list of texts: write {_COMMAND}")
    if any("\0" in part for part in value) or sum(map(len, value)) > _LONGEST_COMMAND:
        raise ValueError(f"is no command: it has a zero byte, or more than {_LONGEST_COMMAND} characters")
    program = path(value[0])
    if "/" in program and not program.startswith("/"):
        raise ValueError("does not begin with the whole path of a program, or the name of one in PATH")
    return tuple(value)


def _parted(text: str) -> object:
    """Return what an environment variable says: a list as JSON, or a program alone."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(f"is not a list as JSON: write {_COMMAND}") from None
    if len(text.split()) > 1:
        raise ValueError(f"is one text, and no shell parts it: write {as_toml(list(text.split()))}")
    return [text]


def in_quotes(value: object) -> bool:
    """Tell whether a text stands in quotes, which are part of it: ``docker --env-file`` keeps them."""
    if not isinstance(value, str) or len(value.strip()) < 2:
        return False
    first, last = value.strip()[0], value.strip()[-1]
    return (first in CURLY and last in CURLY) or (first == last and first in "\"'`")


def flag(value: object) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _FLAGS:
        return _FLAGS[value.strip().lower()]
    raise ValueError("is neither true nor false")


def flag_or_auto(value: object) -> bool | None:
    """Return true or false, or ``None`` for ``auto``."""
    return None if value == "auto" else flag(value)


def one_of(noun: str, choices: tuple[str, ...]) -> Callable[[object], str]:
    """Return what reads a word that is one of a few."""

    def read(value: object) -> str:
        if value not in choices:
            raise ValueError(f"is no {noun}; known are {', '.join(choices)}")
        return str(value)

    return read


def hours(value: object) -> tuple[time, time]:
    """Return from when to when of ``22:00-07:00``."""
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in text(value).split("-"))
    except ValueError:
        raise ValueError("is not from when to when, as 22:00-07:00 is") from None
    if begin == end or begin.tzinfo or end.tzinfo:
        raise ValueError("is not from when to when in local time, as 22:00-07:00 is")
    return begin, end


def as_toml(value: object) -> str:
    """Return a value as a TOML file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    shown = '"' + value.replace("\n", "\\n") + '"' if isinstance(value, str) else _shown(value)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"


def _shown(value: object) -> str:
    # Python writes no number of more than 4,300 digits in decimal.
    return hex(value) if isinstance(value, int) and value.bit_length() > 1024 else str(value)


def remaps(value: object) -> dict[str, str]:
    """Return keys, separated by commas, by the id of a binding; ``sessions.sync`` may also be a table in a table."""
    if not isinstance(value, dict):
        raise ValueError("is not a table of keys by a binding's id")
    found: dict[str, str] = {}
    for name, keys in value.items():
        if isinstance(keys, dict):
            found |= {f"{name}.{rest}": each for rest, each in remaps(keys).items()}
            continue
        each = keys if isinstance(keys, list) else [keys]
        if not each or not all(isinstance(key, str) and key.strip() and key.isprintable() for key in each):
            wrong = (
                f"has {name or as_toml(name)} = {as_toml(keys)}, which is neither a key nor a list of keys"
            )
            raise ValueError(f'{wrong}: write "r" or ["r", "f5"]')
        found[name] = ",".join("comma" if key == "," else key.strip() for key in each)
    return found


def texts(value: object) -> tuple[str, ...]:
    """Return a list of words, which one text may hold as well."""
    found = value.split() if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) and each.strip() for each in found):
        raise ValueError('is not a list of words: write ["status", "phone"]')
    return tuple(each.strip() for each in found)


def address(value: object) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[::1]:port``; port 0 is any free one."""
    line = text(value).strip()
    if "://" in line:
        raise ValueError(f"is a URL: write host and port alone, as {_place(line)} is")
    host, colon, port = line.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit():
        raise ValueError("is not host:port, as 127.0.0.1:8000 is")
    if len(port) > 5 or int(port) > 65535:
        raise ValueError("has no such port: a port is 1 to 65535, or 0 for any free one")
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1]), int(port)
    if ":" in host:
        raise ValueError("is not host:port: an IPv6 address goes in brackets, as in [::1]:8000")
    if not _HOST.fullmatch(host):
        raise ValueError("names no host: localhost:8000 is this machine, 0.0.0.0:8000 every interface")
    return host, int(port)


def _place(url: str) -> str:
    """Return host and port of a URL, as far as it has them."""
    place = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return place if re.fullmatch(r".+:\d+", place) else f"{place.partition(':')[0] or '127.0.0.1'}:8000"


def _ipv6(host: str) -> str:
    import ipaddress  # 3 ms of every start, for the few who write an IPv6 address

    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise ValueError("is not host:port: no IPv6 address in the brackets") from None


def url(value: object) -> str:
    """Return a gateway's URL without its trailing slash."""
    address = text(value).strip()
    if "@" in address:
        raise ValueError(
            "has a user in it, which nothing would send: use api_key, or for a proxy before it basic_user and "
            "basic_password_file"
        )
    try:
        parts = urlsplit(address)
        port_is_right = parts.port != 0
        # A name that cannot be looked up is a UnicodeError, which is a ValueError.
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise ValueError("is not a URL: its host or port is wrong") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
        place = address.split("://")[-1]
        like = place if re.fullmatch(r"[\w.:/-]{1,80}", place) else "localhost:3000"
        raise ValueError(f"is not a URL, as http://{like} is")
    if parts.query or parts.fragment or " " in address:
        raise ValueError("is not a gateway's URL: leave out spaces, ? and #")
    return address.rstrip("/")


def name(value: object) -> str:
    """Return a gateway's name."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"is not a name: {GATEWAY_NAME}")
    return value
