"""Decodes WAHA's answers: sessions as they are, without an envelope, and errors of three shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.registers import Proof, Reason, Status

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import json_of, not_its_own
from ..protocol import ClientStatus, Listed, Sent, WebhookTarget
from ..reading import plain
from ..reading.fields import Decoration, read
from .states import WORKING, State, runs_browser, state_of

_DETAIL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One session. ``engine_state`` is what a browser's client says of itself; an engine of sockets tells none."""

    name: str
    word: str
    engine: str | None
    engine_state: str | None
    account: str | None
    config: dict[str, Any]

    @property
    def state(self) -> State | None:
        """How it is, ``None`` for a status of a newer WAHA."""
        return state_of(self.word, self.engine, is_paired=self.account is not None)

    @property
    def proof(self) -> Proof:
        """What ``WORKING`` is worth: it is said for some seconds after a cut, and without an account at times."""
        proves = self.engine_state == "CONNECTED" if runs_browser(self.engine) else self.account is not None
        return Proof.CLIENT if self.word == WORKING and proves else Proof.CLAIMED

    def listed(self) -> Listed:
        """Return it as a claim."""
        state = self.state
        return Listed(self.name, state.status if state is not None else None, self.account)

    def checked(self, call: Call, qr: str | None) -> ClientStatus:
        """Return it as a check's answer; raises `Garbled`."""
        state = self.state
        if state is None:
            raise Garbled(call, f"unknown status {self.word[:40]!r}", "this gateway may be newer than wa-tui")
        return ClientStatus(
            exists=True,
            status=state.status,
            ready=state.status is Status.CONNECTED,
            phone_number=self.account,
            qr=qr,
            reason=state.reason,
            detail=state.detail,
            proof=self.proof,
        )

    def targets(self, ours: str, key: str, header: str, events: tuple[str, ...]) -> list[WebhookTarget]:
        """Return where its webhooks go; ours are signed with ``key``, or carry it in ``header``."""
        found = []
        for entry in entries_of(self.config):
            url = plain.text(entry.get("url"))
            if url is None:
                continue
            asked = entry.get("events")
            wanted = tuple(each for each in asked if isinstance(each, str)) if isinstance(asked, list) else ()
            lacks = tuple(each for each in events if url == ours and "*" not in wanted and each not in wanted)
            is_ours = url == ours and not lacks and _carries(entry, key, header)
            found.append(WebhookTarget(self.name, url, is_ours, wanted, is_shared=True, lacks=lacks))
        return found


def entries_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the webhooks in a session's configuration."""
    entries = config.get("webhooks")
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def _carries(entry: dict[str, Any], key: str, header: str) -> bool:
    signed, headers = entry.get("hmac"), entry.get("customHeaders")
    named = [each for each in headers if isinstance(each, dict)] if isinstance(headers, list) else []
    return (isinstance(signed, dict) and signed.get("key") == key) or any(
        str(each.get("name")).lower() == header and each.get("value") == key for each in named
    )


def content_of(call: Call, answer: Answer, *, basic: bool = False) -> Any:
    """Return what an answer of 2xx says; ``basic``: a user and password went along.

    Raises `Unauthorised`, `Refused`, `Intercepted` where a proxy answered, and `Garbled`.
    """
    status, content = answer.status_code, json_of(call, answer, basic=basic)
    if status < 300:
        return content
    if not isinstance(content, dict) or not ({"statusCode", "expected"} & content.keys()):
        raise not_its_own(call, answer, basic=basic)
    detail = _detail_of(content)
    if status == 401:
        raise Unauthorised(call, "API key not accepted")
    raise Refused(call, detail, status, _cause(call, status, content, detail), reason=Reason.OTHER)


def _detail_of(content: dict[str, Any]) -> str:
    """Return an error's own sentence: beside it stands the whole request, the message that was to be sent included."""
    if "expected" in content:
        return f"its status is {plain.text(content.get('status'))}"
    exception = content.get("exception")
    said = exception.get("message") if isinstance(exception, dict) else content.get("message")
    if isinstance(said, list):
        said = "; ".join(each for each in said if isinstance(each, str))
    detail = plain.text(said) or plain.text(content.get("error")) or "refused"
    return " ".join(detail.split())[:_DETAIL_LIMIT]


def _cause(call: Call, status: int, content: dict[str, Any], detail: str) -> RefusalCause:
    if "expected" in content:
        return RefusalCause.NOT_CONNECTED
    if status == 404:
        return RefusalCause.NOT_FOUND
    if status == 422 and call.starts and "already" in detail:
        return RefusalCause.ALREADY_EXISTS
    return RefusalCause.SUSPECT if status >= 500 else RefusalCause.OTHER


def row_of(content: object, engine: str | None, odd: Decoration) -> Row | None:
    """Return a session, ``None`` for what names none; ``engine`` is the server's, where it tells none of its own."""
    if not isinstance(content, dict):
        return None
    name = plain.name(content.get("name"), LONGEST_TAKEN_IN)
    word = read(content, "status", plain.name, str, odd)
    if name is None or word is None or not is_session_id(name):
        return None
    runs, me, config = content.get("engine"), content.get("me"), content.get("config")
    own = runs if isinstance(runs, dict) else {}
    return Row(
        name,
        word,
        plain.name(own.get("engine")) or engine,
        plain.name(own.get("state")),
        account_number(plain.text(me.get("id"))) if isinstance(me, dict) else None,
        config if isinstance(config, dict) else {},
    )


def sent_of(content: Any, odd: Decoration) -> Sent:
    """Return what is told of a message that is out, by either engine: nothing here may turn that into an error."""
    if not isinstance(content, dict):
        return Sent(None, None)
    key = content.get("key")
    message_id = plain.message_id(content.get("id")) or (
        plain.message_id(key) if isinstance(key, dict) else None
    )
    field = "timestamp" if "timestamp" in content else "messageTimestamp"
    at = read(content, field, plain.instant, (int, str), odd)
    return Sent(message_id, None if at is None else at // 1000)
