"""``/api-keys``: keys of the API, made and revoked while the daemon runs."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.store import ApiKey, StoreError
from wa_tui.wire import ROOT, ApiKeyRequest, ApiKeyView, NewApiKey

from ..access import ApiKeys, KeyRefusal
from ..dates import instant, time_of
from ..receiving.bodies import Left, TooLarge, read_body
from .auditing import is_read_only, who_asks
from .responses import json, problem

LARGEST = 64 * 1024

_SECRET_IS_NOT_CACHED = {"cache-control": "no-store"}


class KeyRoutes:
    """Answers those who may administer keys."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route(f"{ROOT}/api-keys", self.list, methods=["GET"]),
            Route(f"{ROOT}/api-keys", self.create, methods=["POST"]),
            Route(f"{ROOT}/api-keys/{{name}}", self.revoke, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        """``GET /api-keys``: all, those revoked too, oldest first."""
        return json([self._view(key) for key in self._keys.all()])

    async def create(self, request: Request) -> Response:
        """``POST /api-keys``."""
        if is_read_only(request):
            return problem(403, "api-keys create refused: this client is read-only", "read_only")
        try:
            body = await read_body(request.scope, request.receive, LARGEST)
            asked = msgspec.json.decode(body, type=ApiKeyRequest)
        except TooLarge:
            return problem(413, f"a key has at most {LARGEST} bytes", "too_large")
        except Left:
            return Response(status_code=400)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return problem(400, f"not a key: {error}", "malformed")
        try:
            key, secret = await self._keys.create(asked, who_asks(request))
        except KeyRefusal as refusal:
            return problem(refusal.status, str(refusal), refusal.code)
        except StoreError as error:
            return problem(503, f"not made: {error}", "not_stored")
        answer = json(NewApiKey(key=self._view(key), secret=secret), 201)
        answer.headers.update(_SECRET_IS_NOT_CACHED)
        return answer

    async def revoke(self, request: Request) -> Response:
        """``DELETE /api-keys/<name>``."""
        if is_read_only(request):
            return problem(403, "api-keys revoke refused: this client is read-only", "read_only")
        try:
            key = await self._keys.revoke(request.path_params["name"], who_asks(request))
        except KeyRefusal as refusal:
            return problem(refusal.status, str(refusal), refusal.code)
        except StoreError as error:
            return problem(503, str(error), "not_stored")
        return json(self._view(key))

    def _view(self, key: ApiKey) -> ApiKeyView:
        return ApiKeyView(
            name=key.name,
            scopes=[*key.scopes],
            gateways=[*key.gateways],
            user_id=key.user_id,
            created_at=time_of(key.created_at),
            created_by=key.created_by,
            revoked_at=instant(key.revoked_at),
            revoked_by=key.revoked_by,
            used_at=instant(self._keys.used_at.get(key.name)),
        )
