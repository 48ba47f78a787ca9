"""A connection: whether there is room for it, how long it may take, and how it ends."""

from __future__ import annotations

from typing import Any

from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.system.peers import credentials

from . import bounds
from .outgoing import Joining
from .requests import Requests, Stage
from .room import Room, worst
from .uvicorn_internals import STATUS_LINE


class Connection(Requests):
    """One connection, if there is ``room``; what is not even read is counted by ``refusals``."""

    def __init__(self, refusals: Refusals, room: Room, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusals = refusals
        self._room = room
        self._peer: str | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin, if need be in place of another that asks for nothing, or for something that does not come."""
        full = len(self.connections) >= self._room.limit
        other = worst(self.connections) if full else None
        super().connection_made(Joining(transport, self._stalled, self._end))  # type: ignore[arg-type]
        self._peer = self.client[0] if self.client else None
        if self.client is None:
            self.app_state = {**self.app_state, "peer_uid": _uid_of(transport)}
        self._deadlines.at(self._deadlines.idle())
        if full:
            self._room.lacks(self.loop.time())
            (other or self).give_way(is_new=other is None)

    def rank(self) -> tuple[bool, float] | None:
        """Return how soon this is ended for another, lowest first: see `worst`."""
        if self._stage is Stage.WHOLE:
            return None
        return self._stage is Stage.IDLE and not self._held.data, self._deadlines.began

    def give_way(self, *, is_new: bool) -> None:
        """End for want of room, at once; a client that waits for an answer is told why."""
        if is_new or self._held.data or self._stage is Stage.BODY:
            self._refuse(bounds.NO_ROOM)
        self._stage = Stage.OVER
        self.connections.discard(self)
        self.transport.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """End: who reads the request is told, and nobody is answered any more."""
        self._stage = Stage.OVER
        self._held.data.clear()
        self._deadlines.stop()
        self.transport.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        if self._stage is Stage.OVER:
            self._lose(len(data))
            return
        if self._stage is Stage.IDLE and not self._held.data:
            data = data.lstrip(b"\r\n")
            if not data:
                return
            self._deadlines.again()
        self._held.data += data
        self._deadlines.heard = self.loop.time()
        self._proceed()
        if self._held.data and (self._stage is Stage.WHOLE or self.flow.write_paused):
            self.flow.pause_reading()

    def pause_writing(self) -> None:
        """Begin no request until the peer has read more of the answers."""
        super().pause_writing()
        self.transport.watch()

    def resume_writing(self) -> None:
        """Go on with what is held."""
        super().resume_writing()
        if self._stage is Stage.IDLE:
            self.flow.resume_reading()
            self._proceed()

    def shutdown(self) -> None:
        """Close, once what is here whole is answered."""
        if self._stage is Stage.WHOLE:
            self._keep_no_longer()
        elif self._stage is Stage.BODY and not self._is_answered():
            self.transport.abort()
        else:
            self.transport.end()

    def _keep_no_longer(self) -> None:
        """Have the connection end with the answer to the request that is here."""
        self.cycle.keep_alive = False

    def _hand_over(self) -> None:
        self._stage = Stage.OVER
        self._deadlines.stop()
        self.connections.discard(self)
        protocol = self.ws_protocol_class(  # type: ignore[call-arg, misc]
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        transport = self.transport.bare
        protocol.connection_made(transport)
        transport.set_protocol(protocol)
        lines = [b"%b: %b\r\n" % field for field in self.headers]  # with their names in small letters
        protocol.data_received(b"".join((b"GET ", self.url, b" HTTP/1.1\r\n", *lines, b"\r\n")))
        if self._held.data and not transport.is_closing():
            protocol.data_received(bytes(self._held.data))

    # Ends.

    def _refuse(self, refusal: bounds.Refusal) -> None:
        """Answer a request that is no good, unless it has an answer, and end the connection."""
        if self._stage is Stage.OVER:
            return
        self._refusals.note(refusal.kind, self._peer)
        if self.cycle is None or not self.cycle.response_started:
            answer = refusal.answer
            lines = [b"%b: %b\r\n" % field for field in (*self.server_state.default_headers, *answer.fields)]
            head = (STATUS_LINE[answer.status], *lines, b"connection: close\r\n\r\n")
            self.transport.write(b"".join((*head, answer.body)))
        self._linger()

    def _linger(self) -> None:
        """End the connection, but let the peer read the answer first: it may be sending still."""
        self._stage = Stage.OVER
        self._held.data.clear()
        self._held.waste = 0
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.flush()
        if not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._deadlines.stop()
        self._deadlines.at(self.loop.time() + bounds.LINGER_S)

    def _lose(self, size: int) -> None:
        """Take no notice of what still comes."""
        self._held.waste += size
        if self._held.waste > bounds.UNHEARD:
            self.transport.end()

    def _stalled(self) -> None:
        self._room.stalled(self._refusals, self._peer)

    def _end(self) -> None:
        """Close, in place of the transport: not before a body that is still sent lets the peer read its answer."""
        if self._stage is Stage.BODY:
            self._linger()
        elif self._stage is not Stage.OVER:
            self.transport.end()

    def _look(self, now: float) -> None:
        """End what is late; what is held back by us is not."""
        if self._stage is Stage.OVER:
            self.transport.end()
            return
        if self.flow.read_paused or self.flow.write_paused:
            self._deadlines.again()
        deadline = self._deadline()
        if now < deadline:
            self._deadlines.at(min(deadline, now + bounds.IDLE_S))
        elif self._stage is Stage.IDLE and not self._held.data:
            self.transport.end()
        else:
            self._refuse(bounds.TOO_SLOW)


def _uid_of(transport: Any) -> int | None:
    """Return the user at the other end of a Unix socket."""
    connection = transport.get_extra_info("socket")
    peer = credentials(connection) if connection is not None else None
    return peer.uid if peer is not None else None
