"""What is leaned on of uvicorn beyond its documented settings: read in Uvicorn 0.54.0, and again with each other one.

Uvicorn documents how a server is configured, not how its protocols are made; ours are made of them, since a server of
our own would have HTTP/1.1 and WebSockets to speak anew. None of these names is private, all of them may change:

- of `HttpToolsProtocol` the callbacks of the parser (``on_message_begin`` … ``on_response_complete``), and its
  ``parser cycle flow headers url scope expect_100_continue connections server_state app_state ws_protocol_class``;
- of `WebSocketsSansIOProtocol` ``conn handshake_initiated handshake_complete close_sent ping_timeout pong_timer``,
  ``handle_text`` and its like, ``keepalive_timeout`` and ``send_500_response``;
- `STATUS_LINE`, the first lines of answers by their status.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["STATUS_LINE", "HttpToolsProtocol", "WebSocketsSansIOProtocol"]
