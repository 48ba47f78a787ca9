"""How WPPConnect Server is asked: by its secret in the path, and about a session with a token made of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wa_tui.identity.sessions import in_path

from ..adapter import Place
from ..backend import LIMIT, Backend
from ..deadlines import Deadlines
from ..errors import HIDDEN, Call, Refused, Unauthorised
from ..protocol import Capability
from .answers import content_of, token_of


class Tokens(Backend):
    """A backend that makes a token for each session, remembers it, and makes another where it is taken no more."""

    def __init__(
        self,
        place: Place,
        capabilities: frozenset[Capability],
        *,
        slots: int = 24,
        deadlines: Deadlines | None = None,
    ) -> None:
        super().__init__(place, {}, capabilities, slots=slots, deadlines=deadlines)
        self._secret = place.api_key or ""
        self._tokens: dict[str, str] = {}

    async def _ask(
        self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Ask about one session with its token; with a new one where that is not taken: then nothing was done."""
        session_id = call.session_id or ""
        known = session_id in self._tokens
        token = self._tokens[session_id] if known else await self._token(session_id)
        try:
            return await self._ask_with(token, call, deadline, content)
        except Unauthorised:
            if not known:
                raise
        self._tokens.pop(session_id, None)
        return await self._ask_with(await self._token(session_id), call, deadline, content)

    async def _ask_by_secret(self, call: Call, deadline: float, *, limit: int = LIMIT) -> dict[str, Any]:
        """Ask where the path has the secret: of a wrong one it says 400."""
        answer = await self._exchange(call, deadline, limit=limit)
        try:
            return content_of(call, answer, basic=self._basic)
        except Refused as refusal:
            if refusal.status_code == 400:
                raise Unauthorised(call, "the server's secret is not accepted") from refusal
            raise

    def _secret_call(self, method: str, path: str, session_id: str | None = None) -> Call:
        """Return a request with the secret in place of what is hidden in its path."""
        return self._call(method, path, session_id, hidden=self._secret)

    async def _ask_with(
        self, token: str, call: Call, deadline: float, content: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        answer = await self._exchange(call, deadline, content=content, headers=headers)
        return content_of(call, answer, basic=self._basic)

    async def _token(self, session_id: str) -> str:
        """Have a session's token made: that neither starts nor lists it."""
        path = f"/api/{in_path(session_id)}/{HIDDEN}/generate-token"
        call = self._secret_call("POST", path, session_id)
        content = await self._ask_by_secret(call, self._deadlines.status)
        token = self._tokens[session_id] = token_of(call, content)
        return token
