"""What can go wrong when a gateway is asked for something, and whether anything happened there."""

from __future__ import annotations

from dataclasses import dataclass

from .machines import machine


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a gateway: what an error says about itself. ``starts``: it is to start a client."""

    gateway: str
    url: str
    method: str
    path: str
    session_id: str | None = None
    starts: bool = False

    @property
    def changes(self) -> bool:
        """Whether it may change something there, so that its outcome matters."""
        return self.method != "GET"

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
        self.detail = detail.rstrip(" .")
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


class Refused(GatewayError):
    """The service said no; ``message`` in its own words, ``status_code`` 200 included (contract §1).

    The outcome is known where the contract's text comes before anything is done, where the request was turned away at
    the door (404), and for a start: it failed. Any other text, a library's error above all, leaves it unknown.
    """

    def __init__(self, call: Call, message: str, status_code: int) -> None:
        self.call = call
        self.message = message
        self.status_code = status_code
        super().__init__(
            call,
            message,
            f"the service answered {status_code}: {self._advice()}",
            outcome_known=self._untouched(),
        )

    @property
    def already_exists(self) -> bool:
        """The gateway holds such a client already."""
        return self._begins("client already exists")

    @property
    def not_found(self) -> bool:
        """The gateway holds no such client."""
        return self._begins("client not found")

    @property
    def not_connected(self) -> bool:
        """The client is there and is not connected."""
        return self._begins("client not connected")

    @property
    def not_ready(self) -> bool:
        """The client's own state is not CONNECTED."""
        return self._begins("client not ready")

    @property
    def closed(self) -> bool:
        """The client's browser is gone; whether before or after the sending is not known."""
        return self._begins("client session closed")

    @property
    def wrong_recipient(self) -> bool:
        """Nobody can be sent to so, through any session: it names no account, or none that WhatsApp knows."""
        return self._begins("recipient unknown") or self._begins("bad recipient")

    @property
    def qr_timeout(self) -> bool:
        """No QR code came within the service's 30 s; the client stays, ``initializing``."""
        return self.status_code == 408

    def _begins(self, text: str) -> bool:
        return self.message.lower().startswith(text)

    def _untouched(self) -> bool:
        before = self.already_exists or self.not_found or self.not_connected or self.not_ready
        failed = self.call.starts and self.status_code == 400
        return before or self.wrong_recipient or failed or self.status_code == 404

    def _advice(self) -> str:
        if self.already_exists:
            return "follow it, or disconnect it first"
        if self.not_found or self.not_connected or self.not_ready or self.closed:
            return "reconnect the session"
        if self.wrong_recipient:
            return "see that the number is right, with its country code"
        if self.qr_timeout:
            return "follow it: the client is still starting"
        return f"see the service's log on {self.call.machine}"
