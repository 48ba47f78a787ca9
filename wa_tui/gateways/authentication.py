"""How webhooks show that they are a gateway's own: by a header, by their path, or by a signature.

All compare in constant time. An adapter names those that its kind can be set to send.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from .reports import Posted

Way = Callable[[str, Posted], bool | None]
"""Tells whether a webhook carries a key; ``None`` before a body is read that is signed."""

TOLERANCE = 300
"""Seconds by which a gateway's clock may differ where its token is judged: few tell what their clock says."""

_EMPTY = b""


def any_of(*ways: Way) -> Way:
    """Return the way that takes what any of some takes."""

    def is_authentic(key: str, posted: Posted) -> bool | None:
        verdicts = [way(key, posted) for way in ways]
        return any(verdicts) or (None if None in verdicts else False)

    return is_authentic


def by_header(*names: str) -> Way:
    """Return the way of a header that is the key; any of some names, in small letters."""

    def is_authentic(key: str, posted: Posted) -> bool:
        verdicts = [_equal(key.encode(), _field(posted, name)) for name in names]
        return any(verdicts)

    return is_authentic


def by_path_secret(key: str, posted: Posted) -> bool:
    """Tell whether what the path has behind its route is the key, or begins with it where more segments follow."""
    expected, given = key.encode(), (posted.secret or "").encode()
    return _equal(expected, given[: len(expected)]) and given[len(expected) :][:1] in (_EMPTY, b"/")


def by_hmac(header: str, algorithm: Literal["sha256", "sha512"]) -> Way:
    """Return the way of a header that is the body's HMAC under the key: hexadecimal, as such or as ``sha256=…``."""

    def is_authentic(key: str, posted: Posted) -> bool | None:
        signature = _field(posted, header)
        if not signature:
            return False
        if posted.body is None:
            return None
        signed = hmac.digest(key.encode(), posted.body, algorithm).hex().encode()
        return _equal(signed, signature.strip().lower().removeprefix(f"{algorithm}=".encode()))

    return is_authentic


def by_jwt(key: str, posted: Posted) -> bool:
    """Tell whether ``Authorization`` is a bearer's JSON Web Token that the key signed (HS256), and that still holds.

    It must say when it ends; where it says when it was made, that must have been.
    """
    scheme, _, token = _field(posted, "authorization").partition(b" ")
    parts = token.strip().split(b".")
    if scheme.lower() != b"bearer" or len(parts) != 3:
        return False
    signature = _unpacked(parts[2])
    if not _equal(hmac.digest(key.encode(), b".".join(parts[:2]), "sha256"), signature):
        return False
    head, claims = _object(parts[0]), _object(parts[1])
    now, ends, made = posted.at / 1000, claims.get("exp"), claims.get("iat", 0)
    return (
        head.get("alg") == "HS256"
        and isinstance(ends, int | float)
        and isinstance(made, int | float)
        and ends > now - TOLERANCE
        and made < now + TOLERANCE
    )


def _field(posted: Posted, name: str) -> bytes:
    return posted.headers.get(name, "").encode("latin-1", "replace")


def _equal(expected: bytes, given: bytes) -> bool:
    """Compare in constant time; what is empty equals nothing."""
    return hmac.compare_digest(expected, given) and expected != _EMPTY


def _unpacked(part: bytes) -> bytes:
    try:
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return _EMPTY


def _object(part: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_unpacked(part))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
