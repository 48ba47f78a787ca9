"""Requests on a connection, one at a time: uvicorn's protocol, from bytes to what is answered.

The parser is given no more than one request, and what follows waits until that is answered. So no state of a request
meets another's, answers come in order, and who sends without reading is not read.

A head is parsed once it is here whole: its bounds are counted, whatever it is.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import Any

import httptools

from . import bounds
from .deadlines import Deadlines
from .held import Held
from .uvicorn_internals import HttpToolsProtocol

log = logging.getLogger("wa_tui.daemon")

_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


class Stage(Enum):
    """How much of a request is here."""

    IDLE = auto()
    """Not all of its head."""
    BODY = auto()
    """Its head, and not all of its body. It may be answered already."""
    WHOLE = auto()
    """All of it. It is not answered yet."""
    OVER = auto()
    """Nothing more is taken from this connection."""


class Requests(HttpToolsProtocol, ABC):
    """What is asked on one connection."""

    transport: Any
    cycle: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stage = Stage.IDLE
        self._held = Held()
        self._head = b""
        self._proceeding = False
        self._deadlines = Deadlines(self.loop, self._look)
        self._body_s = bounds.BODY_S

    @abstractmethod
    def _refuse(self, refusal: bounds.Refusal) -> None:
        """Answer a request that is no good, unless it has an answer, and end the connection."""

    @abstractmethod
    def _linger(self) -> None:
        """End the connection, but let the peer read the answer first."""

    @abstractmethod
    def _hand_over(self) -> None:
        """Let the connection be a WebSocket."""

    @abstractmethod
    def _look(self, now: float) -> None:
        """End what is late."""

    # What is held goes to the parser a piece at a time, none of which reaches beyond a request.

    def _proceed(self) -> None:
        if self._proceeding:
            return
        self._proceeding = True
        try:
            while self._held.data and self._step():
                pass
        finally:
            self._proceeding = False
        if self._stage is Stage.BODY or (self._stage is Stage.IDLE and self._held.data):
            self._deadlines.at(self._deadline())

    def _step(self) -> bool:
        """Hand the parser its next piece; false when more must come first, from the peer or from us."""
        if self._stage is Stage.IDLE:
            return not self.flow.write_paused and self._begin()
        return self._stage is Stage.BODY and self._feed(self._held.piece())

    def _begin(self) -> bool:
        """Hand the parser a head that is here whole."""
        refusal = self._held.refusal()
        if refusal is not None:
            self._refuse(refusal)
            return False
        head = self._held.head()
        if head is None:
            return False
        self._head = head
        return self._feed(head)

    def _feed(self, piece: bytes) -> bool:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._upgrade()
        except httptools.HttpParserCallbackError:
            log.exception("A request could not be begun, which is a mistake of ours")
            self._refuse(bounds.OUR_MISTAKE)
        except httptools.HttpParserError:
            self._refuse(bounds.NOT_HTTP)
        if self._held.waste > bounds.LEFT_OVER:
            self._refuse(bounds.TOO_MUCH)
        return True

    # What the parser tells.

    def on_message_begin(self) -> None:
        """Begin a request: nothing of the one before is left."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self.cycle = None
        self._held.rest = self._held.waste = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; those behind a body in chunks mean nothing to us."""
        if self._stage is Stage.IDLE:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Have the request answered, unless it asks for another protocol: see `_upgrade`."""
        if len(self.url) > bounds.TARGET:
            self._refuse(bounds.TARGET_TOO_LONG)
        elif self.parser.get_method() == b"CONNECT":
            self._refuse(bounds.NO_TUNNEL)
        elif not _is_target(self.url):
            self._refuse(bounds.NOT_HTTP)
        elif not self.parser.should_upgrade():
            headers = dict(self.headers)
            self._held.rest = (
                -1 if b"transfer-encoding" in headers else int(headers.get(b"content-length", 0))
            )
            self._stage = Stage.BODY
            self._deadlines.again()
            self._choose(headers)

    def _choose(self, headers: dict[bytes, bytes]) -> None:
        """Have the app answer a request; its headers are here once more by their names."""
        url, seen, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers += seen  # the list that the scope has
        super().on_headers_complete()
        # A client that was not told to continue may send the body all the same, or another request: nobody knows.
        self.cycle.keep_alive &= not expect
        if self._held.rest > bounds.LEFT_OVER and not self.transport.can_write_eof():
            # Over TLS nothing but the answer can say that no more is heard, if so much is left over then.
            self.cycle.default_headers = [*self.cycle.default_headers, (b"connection", b"close")]

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body."""
        if self._stage is not Stage.BODY:
            return
        if self._is_answered():
            self._held.ignored(len(body))
        else:
            self._held.read(len(body))
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request is here whole."""
        if self._stage is not Stage.BODY:
            return
        self._stage = Stage.WHOLE
        if self._is_answered():
            self._over()
        else:
            self._complete()

    def _complete(self) -> None:
        """Have a request that is here whole answered."""
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Note that a request is answered."""
        self.transport.flush()
        self.server_state.total_requests += 1
        if self._stage is Stage.WHOLE and not self.transport.is_closing():
            self._over()
        elif self._stage is Stage.BODY:
            self.flow.resume_reading()
            if self._held.rest > bounds.LEFT_OVER:
                self._linger()

    def _over(self) -> None:
        """Go on to the next request, with nothing left of this one."""
        self.cycle = None
        self._stage = Stage.IDLE
        self._deadlines.answered()
        self.flow.resume_reading()
        if self._held.data:
            self._deadlines.again()
            self._proceed()

    def _is_answered(self) -> bool:
        """Tell whether the request that is here, or on its way, has its answer."""
        return self.cycle is not None and self.cycle.response_complete

    def _deadline(self) -> float:
        if self._stage is Stage.BODY:
            return self._deadlines.within(self._body_s)
        if self._stage is Stage.IDLE:
            return self._deadlines.within(bounds.HEAD_S) if self._held.data else self._deadlines.idle()
        return float("inf")

    # Other protocols.

    def _upgrade(self) -> None:
        """Hand the connection over to the WebSocket that was asked for; any other wish may be left unheard."""
        if self._stage is Stage.OVER:
            return
        if self._asks_for_a_websocket():
            self._hand_over()
            return
        # The parser takes the body of such a request for the next one: it is given the head without the wish.
        self.parser = httptools.HttpRequestParser(self)
        self._head = _UPGRADE.sub(b"", self._head)
        self._feed(self._head)

    def _asks_for_a_websocket(self) -> bool:
        headers = dict(self.headers)
        return (
            self.parser.get_method() == b"GET"
            and self.parser.get_http_version() == "1.1"
            and headers.get(b"upgrade", b"").lower() == b"websocket"
            and b"transfer-encoding" not in headers
            and int(headers.get(b"content-length", 0)) == 0
        )


def _is_target(url: bytes) -> bool:
    """Tell whether a target has a path that may be looked up."""
    try:
        path = httptools.parse_url(url).path
    except httptools.HttpParserInvalidURLError:
        return False
    return path is not None and path.isascii()
