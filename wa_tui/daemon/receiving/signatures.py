"""Signed webhooks, as Standard Webhooks has them: https://www.standardwebhooks.com.

The headers are ``webhook-id``, ``webhook-timestamp`` (seconds since the epoch) and ``webhook-signature``: one or more
``v1,<base64>`` of the HMAC-SHA256 of ``id.timestamp.body``.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wa_tui.model.registers import SECOND

WINDOW = 300 * SECOND
"""Milliseconds by which the time of a signature may differ from its gateway's clock, until it is late."""

_ID, _TIMESTAMP, _SIGNATURE = b"webhook-id", b"webhook-timestamp", b"webhook-signature"
_PREFIX = "whsec_"
_SECONDS = re.compile(rb"\d{1,12}")
_LONGEST_ID = 200
_MOST = 8
"""Signatures of one webhook that are compared: a sender that rotates its secret sends two."""


_LINES = re.compile(
    rb"\r\nwebhook-id: ([!-~]{1,200})\r\nwebhook-timestamp: (\d{1,12})\r\nwebhook-signature: ([!-~]+(?: [!-~]+)*)"
    rb"(?=\r\n[!-~\r])"
)
"""The lines of a head that are other ones for each webhook, as the bundled service writes them."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the head of a signed webhook says; nothing of it is known to be true."""

    id: bytes
    timestamp: bytes
    signatures: tuple[bytes, ...]

    @classmethod
    def of(cls, id: bytes, timestamp: bytes, signature: bytes) -> Signed:
        """Return what the three headers say; of too many signatures the first ones."""
        return cls(id, timestamp, tuple(signature.split(b" ")[:_MOST]))

    @property
    def at(self) -> int:
        """When it was signed, in milliseconds since the epoch, by its gateway's clock."""
        return int(self.timestamp) * SECOND


def signed(headers: Mapping[bytes, bytes]) -> Signed | None:
    """Return what headers say of a signature, ``None`` where there is none that could be one."""
    signature = headers.get(_SIGNATURE)
    if signature is None:
        return None
    id, timestamp = headers.get(_ID, b""), headers.get(_TIMESTAMP, b"")
    if not id or len(id) > _LONGEST_ID or not id.isascii() or not _SECONDS.fullmatch(timestamp):
        return None
    return Signed.of(id, timestamp, signature)


def parted(head: bytes) -> tuple[bytes, Signed | None]:
    """Return the bytes of a head that its sender repeats, and what the others say; ``None`` where it repeats all."""
    found = _LINES.search(head)
    if found is None:
        return head, None
    return head[: found.start()] + head[found.end() :], Signed.of(*found.groups())


class Secrets:
    """The secrets of the gateways that sign their webhooks, by name."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __contains__(self, gateway: str) -> bool:
        return gateway in self._keys

    def set(self, gateway: str, secret: str | None) -> None:
        """Know a gateway's secret, ``whsec_<base64>``, or that it signs nothing."""
        if secret is None:
            self._keys.pop(gateway, None)
        else:
            self._keys[gateway] = b64decode(secret.removeprefix(_PREFIX))

    def admit(self, gateways: Iterable[str], head: Signed | None, body: bytes) -> bool:
        """Tell whether a webhook is of one of some gateways: any may be of one that signs none."""
        return any(self._is_authentic(each, head, body) for each in gateways)

    def _is_authentic(self, gateway: str, head: Signed | None, body: bytes) -> bool:
        key = self._keys.get(gateway)
        if key is None:
            return True
        if head is None:
            return False
        content = b"%b.%b.%b" % (head.id, head.timestamp, body)
        expected = b"v1," + b64encode(hmac.digest(key, content, "sha256"))
        return any(hmac.compare_digest(expected, each) for each in head.signatures)
