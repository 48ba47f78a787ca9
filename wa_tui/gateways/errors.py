"""What can go wrong when a gateway is asked for something, and whether anything happened there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto
from urllib.parse import quote

from wa_tui.model.registers import Reason

from .machines import machine

HIDDEN = "…"
"""Stands in a path for what nobody may read."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a gateway: what an error says about itself.

    ``starts``: it is to start a client. ``alters``: it changes something although it is a GET. ``hidden`` is sent in
    place of `HIDDEN` in the path, and never shown: some gateways want a secret there.
    """

    gateway: str
    url: str
    method: str
    path: str
    session_id: str | None = None
    starts: bool = False
    alters: bool = False
    hidden: str = field(default="", repr=False)

    @property
    def changes(self) -> bool:
        """Whether it may change something there, so that its outcome matters."""
        return self.alters or self.starts or self.method != "GET"

    @property
    def target(self) -> str:
        """What is asked for, as it is sent."""
        return self.path.replace(HIDDEN, quote(self.hidden, safe="")) if self.hidden else self.path

    def without_hidden(self, text: str) -> str:
        """Return what may be shown of a text that a gateway, or a proxy before it, may have put its path into."""
        return text.replace(self.hidden, HIDDEN) if self.hidden else text

    @property
    def machine(self) -> str:
        """The host of its url, which is what a person is told to look at."""
        return machine(self.url)

    @property
    def where(self) -> str:
        """The session on its gateway, or the gateway."""
        return (
            f"gateway {self.gateway}"
            if self.session_id is None
            else f"session {self.session_id} on {self.gateway}"
        )

    def __str__(self) -> str:
        return f"{self.method} {self.url}{self.path}"


class GatewayError(Exception):
    """A gateway did not do what it was asked for: what happened, where, what to do, and the request at the end.

    ``detail`` is what happened, short enough for a table, ``advice`` what to do; ``sent`` whether any byte of the
    request left us; ``outcome_known`` whether we know what it did there (always so for one that changes nothing).
    """

    def __init__(
        self, call: Call, detail: str, advice: str, *, sent: bool = True, outcome_known: bool = True
    ) -> None:
        self.call = call
        self.gateway = call.gateway
        self.url = call.url
        self.session_id = call.session_id
        self.detail = call.without_hidden(detail).rstrip(" .")
        self.advice = advice
        self.sent = sent
        self.outcome_known = outcome_known or not call.changes
        super().__init__(self.explain())

    def explain(self, then: str = "") -> str:
        """Return what happened, where, ``then`` what becomes of it, what to do, and the request at the end."""
        doubt = "" if self.outcome_known else "it may have been done all the same: check before trying again"
        parts = "; ".join(filter(None, (self.call.where, then, doubt, self.advice)))
        return f"{self.detail}: {parts} ({self.call})"


class InvalidRequest(GatewayError, ValueError):
    """We do not send such a request: its session id is none."""

    def __init__(self, call: Call, detail: str, advice: str) -> None:
        super().__init__(call, detail, advice, sent=False)


class Unreachable(GatewayError):
    """No connection: nothing was sent and nothing happened. ``refused``: nobody listens there."""

    def __init__(self, call: Call, detail: str, advice: str | None = None, *, refused: bool = False) -> None:
        self.refused = refused
        if advice is None:
            there = f"{call.gateway} on {call.machine}"
            advice = f"start {there}" if refused else f"see that {there} runs, and that its url is right"
        super().__init__(call, detail, advice, sent=False)


class NoAnswer(GatewayError):
    """The deadline passed or the connection was lost; once sent, the outcome of a change is unknown."""

    def __init__(self, call: Call, detail: str, *, sent: bool = True) -> None:
        hangs = "its client may hang" if call.session_id is not None else "its service may hang"
        advice = f"{hangs}: see the service's log on {call.machine}"
        super().__init__(call, detail, advice, sent=sent, outcome_known=not sent)


class Unauthorised(GatewayError):
    """The gateway does not take our API key (401)."""

    def __init__(self, call: Call, message: str) -> None:
        super().__init__(call, message, f"set the api_key of {call.gateway} to its service's key")


class Garbled(GatewayError):
    """An answer that the contract does not know: not JSON, a wrong shape, or a bare error page."""

    def __init__(
        self,
        call: Call,
        detail: str,
        advice: str = "see that the url is a gateway's",
        *,
        outcome_known: bool = False,
    ) -> None:
        super().__init__(call, detail, advice, outcome_known=outcome_known)


class Intercepted(Garbled):
    """Not the service answered, but a proxy before it or something else.

    ``refuses``: it lets us not through. ``done``: ``False`` where it turned the request away, ``None`` where nobody
    knows.
    """

    def __init__(
        self, call: Call, detail: str, advice: str, *, refuses: bool = False, done: bool | None = None
    ) -> None:
        self.refuses = refuses
        super().__init__(call, detail, advice, outcome_known=done is False)


class Unsupported(GatewayError):
    """This kind of gateway cannot do that: nothing was sent."""

    def __init__(self, call: Call, detail: str, advice: str) -> None:
        super().__init__(call, detail, advice, sent=False)


class Unrecognised(GatewayError):
    """Nobody knows what kind of gateway it is, so that nobody knows how to ask it: nothing was sent."""

    def __init__(self, call: Call, detail: str, advice: str) -> None:
        super().__init__(call, detail, advice, sent=False)


class RefusalCause(StrEnum):
    """Why a gateway said no, as its adapter reads it; nobody else reads a gateway's sentences."""

    ALREADY_EXISTS = auto()
    """It runs such a client already."""
    NOT_FOUND = auto()
    """It holds no such client."""
    NOT_CONNECTED = auto()
    """The client is there and is not connected."""
    NOT_READY = auto()
    """The client's own state is not CONNECTED."""
    CLOSED = auto()
    """The client's browser or socket is gone; whether before or after what was asked is not known."""
    WRONG_RECIPIENT = auto()
    """Nobody can be sent to so, through any session: it names no account, or none that WhatsApp knows."""
    SUSPECT = auto()
    """A library's error whose words may mean that the client is gone: a check tells."""
    QR_TIMEOUT = auto()
    """No QR code came in time; the client stays, ``initializing``."""
    OTHER = auto()


_UNTOUCHED = frozenset(
    {
        RefusalCause.ALREADY_EXISTS,
        RefusalCause.NOT_FOUND,
        RefusalCause.NOT_CONNECTED,
        RefusalCause.NOT_READY,
        RefusalCause.WRONG_RECIPIENT,
    }
)
"""Causes that a gateway finds before it does anything."""

_GONE = frozenset(
    {RefusalCause.NOT_FOUND, RefusalCause.NOT_CONNECTED, RefusalCause.NOT_READY, RefusalCause.CLOSED}
)


_REFUSES_A_START = frozenset({400, 403, 409, 422})


class Refused(GatewayError):
    """The gateway said no, be it with 200 (contract §1): `message` in its words, `cause` as the adapter reads it.

    The outcome is known where the cause is found before anything is done, where the request was turned away at the
    door (404), and for a start that was turned down: it failed. Any other, a library's error above all, leaves it
    unknown, unless the adapter says that it is ``untouched``. ``reason`` is why its client does not work, where the
    adapter's table has the words.
    """

    def __init__(
        self,
        call: Call,
        message: str,
        status_code: int,
        cause: RefusalCause = RefusalCause.OTHER,
        *,
        untouched: bool = False,
        reason: Reason | None = None,
    ) -> None:
        self.call = call
        self.message = call.without_hidden(message)
        self.status_code = status_code
        self.cause = cause
        self.reason = reason
        failed = call.starts and status_code in _REFUSES_A_START
        super().__init__(
            call,
            message,
            f"the service answered {status_code}: {self._advice()}",
            outcome_known=untouched or cause in _UNTOUCHED or failed or status_code == 404,
        )

    @property
    def says_gone(self) -> bool:
        """Whether it says that the session does not work, and a reconnect is what mends that."""
        return self.cause in _GONE

    def _advice(self) -> str:
        match self.cause:
            case RefusalCause.ALREADY_EXISTS:
                return "follow it, or disconnect it first"
            case RefusalCause.WRONG_RECIPIENT:
                return "see that the number is right, with its country code"
            case RefusalCause.QR_TIMEOUT:
                return "follow it: the client is still starting"
        return "reconnect the session" if self.says_gone else f"see the service's log on {self.call.machine}"
