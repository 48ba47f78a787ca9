from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.unit.simulator.plane import ControlPlane
from wa_tui.simulator.listener import Listener


@pytest.fixture
async def plane() -> AsyncIterator[ControlPlane]:
    plane = ControlPlane()
    app = Starlette(
        routes=[
            Route("/api/v1/{where:path}/webhook/", plane.webhook, methods=["POST"]),
            Route("/api/v1/{where:path}/webhook", plane.webhook, methods=["POST"]),
            Route("/api/v1/{where:path}/webhook/{secret}", plane.webhook, methods=["POST"]),
            Route("/api/v1/{where:path}/traffic/", plane.traffic, methods=["POST"]),
            Route("/api/v1/{where:path}/active-sessions/", plane.sessions),
        ]
    )
    listener = Listener(app, "127.0.0.1")
    await listener.open()
    plane.url = listener.url
    yield plane
    await listener.close()
