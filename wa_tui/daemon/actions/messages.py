"""Turns a request to send into a plan: what is sent, to whom, and through which sessions it may go."""

from __future__ import annotations

from urllib.parse import urlsplit

from wa_tui.identity.recipients import NotARecipient, parse_recipient
from wa_tui.model.registers import SessionKey
from wa_tui.store import Message
from wa_tui.wire import ActionRequest

from .context import ActionContext
from .delivery import Delivery
from .finding import find
from .ledger import Ledger
from .plan import Plan, Refusal
from .sending import Outgoing

LONGEST_MESSAGE = 65_536
"""Characters of a text or caption."""

LARGEST_MESSAGE = 90_000
"""Bytes of it: the service takes 100 kB with everything around (contract §1)."""

LONGEST_URL = 4_096

MEDIA_TYPES = ("image", "video", "audio", "document")


def plan_send(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that sends a message, through one session or a user's pool. Raises `Refusal`."""
    outgoing = _outgoing(request)
    named = _named(context, request)
    user_id = request.user_id
    if named is not None and request.fallback:
        session = context.fleet.session(named)
        user_id = session.user_id if session is not None else None
    message = Message(outgoing.recipient, outgoing.kind, len(outgoing.text), user_id)
    ledger = Ledger(message, context.clock)
    through = "" if named is not None else f" through the sessions of user {user_id}"
    what = "" if outgoing.kind == "text" else f" {outgoing.kind}"
    return Plan(
        f"send{what} to {outgoing.recipient}{through} asked by {who}",
        Delivery(context, ledger, outgoing, named, user_id).deliver,
        gateway=named.gateway if named is not None else None,
        session_id=named.session_id if named is not None else None,
        ledger=ledger,
    )


def _named(context: ActionContext, request: ActionRequest) -> SessionKey | None:
    """Return the session a request names, ``None`` for one that leaves it to its user's pool."""
    if request.session_id is not None:
        if request.user_id is not None:
            raise Refusal(
                400, "ambiguous", "send through a session or through a user's sessions: say one of them"
            )
        return find(context, request).key
    if request.user_id is None:
        raise Refusal(400, "missing_session", "send through which session, or which user's?")
    if not context.fleet.sessions_of(request.user_id):
        raise Refusal(
            404, "unknown_user", f"user {request.user_id} has no session: `wa-tui sessions` lists them"
        )
    return None


def _outgoing(request: ActionRequest) -> Outgoing:
    try:
        recipient = str(parse_recipient(request.recipient or ""))
    except NotARecipient as error:
        raise Refusal(400, "bad_recipient", str(error)) from None
    if request.action == "send":
        if request.media_url is not None or request.caption is not None:
            raise Refusal(400, "bad_message", "send takes a message: a file is sent with send_media")
        return Outgoing(recipient, _text(request.message or "", "message", least=1))
    if request.message is not None:
        raise Refusal(400, "bad_message", "send_media takes a media_url and a caption, no message")
    kind = request.media_type or "image"
    if kind not in MEDIA_TYPES:
        raise Refusal(400, "bad_media", f"{kind!r} is no type of media: {', '.join(MEDIA_TYPES)}")
    caption = _text(request.caption or "", "caption", least=0)
    return Outgoing(recipient, caption, kind, _url(request.media_url or ""))


def _text(text: str, what: str, *, least: int) -> str:
    if len(text.strip()) < least or len(text) > LONGEST_MESSAGE:
        raise Refusal(400, "bad_message", f"a {what} has {least} to {LONGEST_MESSAGE} characters")
    if len(text.encode("utf-8", "replace")) > LARGEST_MESSAGE:
        raise Refusal(
            400, "bad_message", f"a {what} has at most {LARGEST_MESSAGE} bytes: the service takes no more"
        )
    return text


def _url(text: str) -> str:
    """Return the address of a file; whether the gateway may fetch it is for the gateway to say."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    odd = len(text) > LONGEST_URL or any(char.isspace() or not char.isprintable() for char in text)
    if not host or odd or parts.scheme.lower() not in ("http", "https"):
        shown = text if len(text) <= 80 else f"{text[:80]}…"
        raise Refusal(
            400, "bad_media", f"{shown!r} is no address of a file: it begins with http:// or https://"
        )
    return text
