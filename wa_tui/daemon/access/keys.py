"""The keys of the API: made, revoked and looked up while the daemon runs.

A secret is 256 random bits, so that one round of SHA-256 is all that is kept of it: nobody can try them.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256

from wa_tui.store import ApiKey, Store, StoreError
from wa_tui.wire import ApiKeyRequest, Scope

from ..clock import Clock
from .caller import Caller, granted

PREFIX = "wa_tui_"
"""Begins every secret: what looks for secrets in code and logs finds it."""

MOST = 256
"""Keys that may be valid at once: each is compared with what a request shows."""

_SECRET_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
RESERVED = frozenset({"control-key", "healing", "heal", "daemon", "canary", "somebody"})
"""Who else acts, or may be thought to."""


class KeyRefusal(Exception):
    """A key is not made or not revoked: why, with an HTTP status and a code."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(slots=True)
class _Valid:
    """A key that opens something now."""

    key: ApiKey
    caller: Caller
    ends: set[Callable[[], object]] = field(default_factory=set)
    """What is to end with it."""


class ApiKeys:
    """All keys that were made; none is valid before `load`."""

    def __init__(self, store: Store, clock: Clock, gateways: Callable[[], Collection[str]]) -> None:
        self._store = store
        self._clock = clock
        self._gateways = gateways
        self._known: dict[str, ApiKey] = {}
        self._valid: dict[str, _Valid] = {}
        self._senders: tuple[_Valid, ...] = ()
        """Those that post webhooks: looked through for each that comes."""
        self.used_at: dict[str, int] = {}
        """When each was shown last, by the wall clock."""

    async def load(self) -> None:
        """Take up what is stored; where that cannot be read, no key is valid. Raises `StoreError`."""
        for key in await self._store.api_keys():
            self._enter(key)

    def all(self) -> list[ApiKey]:
        """Return all that are known, those revoked too, oldest first."""
        return sorted(self._known.values(), key=lambda key: (key.created_at, key.name))

    def caller(self, secret: bytes) -> Caller | None:
        """Return whose key a request shows."""
        return self._shown(self._find(secret, self._valid.values()))

    def sender(self, secret: bytes) -> Caller | None:
        """Return the same of a request that posts webhooks."""
        return self._shown(self._find(secret, self._senders))

    async def create(self, request: ApiKeyRequest, who: str) -> tuple[ApiKey, str]:
        """Make a key, and return it with its secret, which nobody can tell again.

        Raises `KeyRefusal`, and `StoreError` where it cannot be kept: then there is no such key.
        """
        self._check(request)
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        scopes, gateways = dict.fromkeys(map(str, request.scopes)), dict.fromkeys(request.gateways)
        key = ApiKey(
            request.name,
            _digest(secret.encode()),
            tuple(scopes),
            tuple(gateways),
            request.user_id,
            self._clock.now(),
            who,
        )
        # Two that want one name at once: the first one has it.
        self._known[key.name] = key
        try:
            await self._store.keep_api_key(key)
        except StoreError:
            if self._known[key.name] is key:
                del self._known[key.name]
            raise
        if self._known[key.name] is key:
            self._enter(key)
        # Else it was revoked meanwhile, and opens nothing.
        return key, secret

    async def revoke(self, name: str, who: str) -> ApiKey:
        """Have a key open nothing from now on, and end what it holds open.

        Raises `KeyRefusal`, and `StoreError` where that cannot be kept: it opens nothing until the daemon ends.
        """
        key = self._known.get(name)
        if key is None:
            raise KeyRefusal(404, "unknown_key", f"there is no key {name}: `wa-tui api-keys list` lists them")
        if key.revoked_at is None:
            key = replace(key, revoked_at=self._clock.now(), revoked_by=who)
        # It ends at once, whatever becomes of the disk.
        self._enter(key)
        try:
            await self._store.keep_api_key(key)
        except StoreError as error:
            raise StoreError(
                f"the key {name} opens nothing until the daemon ends, but that could not be kept: {error}; "
                "revoke it again"
            ) from error
        return key

    @contextmanager
    def held_open(self, caller: Caller, end: Callable[[], object]) -> Iterator[None]:
        """Call ``end`` when the caller's key is revoked meanwhile."""
        valid = self._valid.get(caller.key) if caller.key is not None else None
        if valid is None:
            if caller.key is not None:
                end()
            yield
            return
        valid.ends.add(end)
        try:
            yield
        finally:
            valid.ends.discard(end)

    def _enter(self, key: ApiKey) -> None:
        self._known[key.name] = key
        ended = self._valid.pop(key.name, None)
        if key.revoked_at is None:
            user_id = key.user_id
            caller = Caller(key.name, granted(key.scopes), key.name, frozenset(key.gateways), user_id)
            self._valid[key.name] = _Valid(key, caller)
        self._senders = tuple(each for each in self._valid.values() if Scope.WEBHOOK in each.caller.scopes)
        for end in [*ended.ends] if ended is not None else ():
            end()

    def _shown(self, found: _Valid | None) -> Caller | None:
        if found is None:
            return None
        self.used_at[found.key.name] = self._clock.now()
        return found.caller

    def _find(self, secret: bytes, among: Collection[_Valid]) -> _Valid | None:
        """Return the key of a secret: every one is compared, in constant time."""
        if not among or not secret.startswith(PREFIX.encode()):
            return None
        digest = _digest(secret)
        found = [each for each in among if hmac.compare_digest(each.key.digest, digest)]
        return found[0] if found else None

    def _check(self, request: ApiKeyRequest) -> None:
        """Raise `KeyRefusal` for a key that cannot be made."""
        name = request.name
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise KeyRefusal(
                400,
                "bad_name",
                f"{name[:80]!r} is no name for a key: 1 to 64 of a-z 0-9 . _ -, beginning with a letter or a "
                f"digit, and none of {', '.join(sorted(RESERVED))}",
            )
        if name in self._known:
            revoked = " and revoked" if self._known[name].revoked_at is not None else ""
            raise KeyRefusal(
                409,
                "name_taken",
                f"a key {name} was made{revoked} before: the audit has it, take another name",
            )
        if not request.scopes:
            raise KeyRefusal(400, "no_scope", f"a key without a scope opens nothing: say {', '.join(Scope)}")
        if request.user_id is not None and Scope.WEBHOOK in request.scopes:
            raise KeyRefusal(400, "bad_user", "webhooks are a gateway's: a key for them has no user")
        unknown = [each for each in request.gateways if each not in self._gateways()]
        if unknown:
            known = ", ".join(self._gateways())
            raise KeyRefusal(
                404,
                "unknown_gateway",
                f"no gateway named {unknown[0][:80]!r} is configured; there are {known}",
            )
        if len(self._valid) >= MOST:
            raise KeyRefusal(409, "too_many", f"{MOST} keys are valid: revoke those that nobody uses")


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()
