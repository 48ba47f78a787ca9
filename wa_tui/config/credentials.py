"""Reads keys, users, passwords and headers: each raises ValueError with the end of a sentence that tells no secret."""

from __future__ import annotations

import re
from base64 import b64decode

from .files import CURLY
from .values import as_toml, text

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = frozenset(
    {
        "x-api-key",
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
    }
)


def key(value: object) -> str:
    """Return a key that an HTTP header can carry; the error never tells it."""
    if not isinstance(value, str):
        raise ValueError("is not a key: it is no text")
    if re.fullmatch(r"[!-~]+", value):
        return value
    if not value.strip():
        raise ValueError("is not a key: it is empty")
    if value.startswith("\ufeff"):
        raise ValueError("is not a key: it begins with a byte order mark (BOM); save it as UTF-8 without one")
    if CURLY & set(value):
        raise ValueError("is not a key: it has curly quotes in it")
    raise ValueError("is not a key: one or more ASCII characters without spaces")


def webhook_secret(value: object) -> str:
    """Return a secret of Standard Webhooks: ``whsec_`` and 24 to 64 bytes as base64; the error never tells it."""
    if not isinstance(value, str) or not value.startswith("whsec_"):
        raise ValueError("is not a webhook secret: it begins with whsec_")
    try:
        size = len(b64decode(value.removeprefix("whsec_"), validate=True))
    except ValueError:
        raise ValueError("is not a webhook secret: what follows whsec_ is not base64") from None
    if not 24 <= size <= 64:
        raise ValueError(f"is not a webhook secret: it has {size} bytes, not 24 to 64")
    return value


def user(value: object) -> str:
    """Return a user's name for Basic authentication, in which a colon ends it."""
    name = text(value)
    if ":" in name:
        raise ValueError("is not a user's name: it has a colon in it")
    return name


def password(value: object) -> str:
    """Return a password; the error never tells it."""
    if not isinstance(value, str) or not value:
        raise ValueError("is not a password: it is empty")
    if not value.isprintable():
        raise ValueError("is not a password: it has a line break or another control character in it")
    return value


def headers(value: object) -> dict[str, str]:
    """Return headers by their lower-case names; the error tells a name, never a value."""
    if not isinstance(value, dict):
        raise ValueError('is not a table of headers: write headers = { "X-Tenant" = "eu" }')
    for header, content in value.items():
        if not _TOKEN.fullmatch(header):
            raise ValueError(f"has {as_toml(header)} in it, which is no header's name")
        if header.lower() in _OURS:
            raise ValueError(f"has {header} in it, which wa-tui sets itself")
        if not isinstance(content, str) or not re.fullmatch(r"[!-~]([ -~\t]*[!-~])?", content):
            raise ValueError(f"has a value for {header} that is no line of ASCII characters")
    return {header.lower(): content for header, content in value.items()}
