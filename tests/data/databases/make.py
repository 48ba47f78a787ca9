"""Makes a database with the code of a checkout, and writes down what its own daemon showed of it.

    python tests/data/databases/make.py CHECKOUT NAME

runs the daemon of ``CHECKOUT`` against simulated gateways of this one, and leaves ``NAME.db.xz`` and ``NAME.json.xz``.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from wa_tui.wire import API_HEADER, API_VERSION

HERE = Path(__file__).parent
KEY = "key"
DAEMON = """
import os
from wa_tui.config import load
from wa_tui.daemon.main import run
raise SystemExit(run(load(os.environ)))
"""
"""The first of these checkouts have no command line."""

SESSIONS = {
    "eu": [
        {"sessionId": "sales_1", "userId": 7, "instanceName": "Sales", "phoneNumber": "15550001001"},
        {"sessionId": "sales_2", "userId": 7, "instanceName": "Sales 2", "phoneNumber": "15550001002"},
        {
            "sessionId": "user_9_instance_ab12",
            "userId": 9,
            "instanceName": "Desk",
            "phoneNumber": "15550001003",
        },
        {"sessionId": "off_1", "userId": 8, "instanceName": "Archive", "phoneNumber": "15550001004"},
        {
            "sessionId": "scan_1",
            "userId": 8,
            "instanceName": "New",
            "status": "qr_pending",
            "credentials": False,
        },
    ],
    "us": [
        {"sessionId": "ops_1", "userId": 7, "instanceName": "Ops", "phoneNumber": "15550002001"},
        {"sessionId": "banned_1", "userId": 5, "instanceName": "Ads", "phoneNumber": "15550002002"},
        {"sessionId": "gone_1", "userId": 5, "instanceName": "Old", "phoneNumber": "15550002003"},
    ],
}

ACTIONS: list[dict[str, Any]] = [
    {"action": "disconnect", "gateway": "eu", "session_id": "off_1", "force": True},
    {"action": "reconnect", "gateway": "eu", "session_id": "sales_2", "force": True},
    {"action": "reconnect", "gateway": "eu", "session_id": "nobody"},
    {
        "action": "send",
        "gateway": "eu",
        "session_id": "sales_1",
        "recipient": "15550100",
        "message": 'the "words": are not kept',
    },
    {"action": "send", "user_id": "7", "recipient": "15550101", "message": "through the user"},
    {"action": "rename", "gateway": "eu", "session_id": "sales_2", "instance_name": 'the "words": two'},
    {"action": "set_primary", "gateway": "eu", "session_id": "sales_1"},
    {"action": "snooze", "gateway": "us", "session_id": "ops_1", "minutes": 60},
    {"action": "acknowledge", "gateway": "us", "session_id": "banned_1"},
    {"action": "acknowledge", "gateway": "us"},
    {"action": "delete", "gateway": "us", "session_id": "gone_1", "force": True},
    {"action": "sync", "gateway": "eu"},
]
"""What a checkout does not know yet it refuses; that is left out."""

API_KEYS: list[dict[str, Any]] = [
    {"name": "grafana", "scopes": ["read"]},
    {"name": "eu-posts", "scopes": ["webhook"], "gateways": ["eu"]},
    {"name": "seven", "scopes": ["read", "operate"], "user_id": "7"},
]
"""The last one is revoked."""

SHOWN = {
    "sessions": (
        *("gateway", "session_id", "user_id", "instance_name", "phone_number", "status", "status_since"),
        *("reason", "credentials", "desired", "is_primary"),
    ),
    "events": (
        *("id", "at", "kind", "source", "gateway", "session_id", "before", "after", "reason", "text"),
    ),
    "messages": ("action_id", "recipient", "kind", "length", "outcome", "text", "who", "attempts"),
    "jobs": ("name", "gateway", "last_at"),
    "api_keys": ("name", "scopes", "gateways", "user_id", "created_at", "created_by", "revoked_at"),
    "actions": ("id", "action", "gateway", "session_id", "who", "outcome", "text"),
}
"""What is written down of each, and ``words`` as ``detail``."""


class Maker:
    """One daemon of a checkout, and the simulated gateways it watches."""

    def __init__(self, checkout: Path, directory: Path) -> None:
        self._checkout, self._directory = checkout, directory
        self._port = _free_port()
        self.web = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}/api/v1",
            headers={"x-api-key": KEY, "x-wa-tui-who": "ann", API_HEADER: str(API_VERSION)},
            trust_env=False,
            timeout=30,
        )
        self.gateways: dict[str, dict[str, str]] = {}

    @contextlib.contextmanager
    def simulated(self) -> Iterator[None]:
        """Run the gateways and tell them of their sessions."""
        command = [sys.executable, "-m", "wa_tui.simulator", "--gateway-route"]
        command += ["--control-plane", f"http://127.0.0.1:{self._port}", "--start-seconds", "0.1"]
        for name in SESSIONS:
            command += ["--gateway", name, "--api-key", KEY]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            described = json.loads(process.stdout.readline())["gateways"]
            self.gateways = {each["name"]: each for each in described}
            for name, rows in SESSIONS.items():
                self._steer(name, "sessions", {"sessions": rows})
            yield
        finally:
            process.terminate()
            process.wait()

    @contextlib.contextmanager
    def daemon(self) -> Iterator[None]:
        """Run the daemon, ended as a shutdown ends it."""
        settings = self._directory / "config.toml"
        lines = [
            f'[[gateways]]\nname = "{g["name"]}"\nurl = "{g["url"]}"\napi_key = "{KEY}"'
            for g in self.gateways.values()
        ]
        settings.write_text("\n".join(lines) + "\n")
        settings.chmod(0o600)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("WA_TUI_")} | {
            "WA_TUI_CONFIG": str(settings),
            "WA_TUI_STATE_DIR": str(self._directory / "state"),
            "WA_TUI_LISTEN": f"127.0.0.1:{self._port}",
            "WA_TUI_API_KEY": KEY,
            "WA_TUI_HEALTH_INTERVAL": "0.5",
            "WA_TUI_LIST_SYNC_INTERVAL": "1",
            "WA_TUI_STATUS_SYNC_INTERVAL": "3",
            "PYTHONPATH": str(self._checkout),
        }
        process = subprocess.Popen([sys.executable, "-c", DAEMON], cwd=self._checkout, env=environ)
        try:
            self.until(lambda: self._status() is not None)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def live(self) -> None:
        """Have happen what makes sessions of every state, events of most kinds, actions, messages and job runs."""
        wanted = {row["sessionId"] for rows in SESSIONS.values() for row in rows}
        self.until(lambda: wanted <= {each["session_id"] for each in self.get("sessions")})
        time.sleep(4)  # each has been checked
        self.post("eu", "sales_1", "connected", userId=7, phoneNumber="15550001001")
        self.post("eu", "sales_2", "connected", userId=7, phoneNumber="15550001002")
        self.post("eu", "scan_1", "qr_pending", userId=8, qrCode="2@a-code-that-is-no-picture")
        self.post("us", "ops_1", "connected", userId="007")
        self.post("us", "ops_1", "disconnected", timestamp=None, reason="NAVIGATION")
        self.post("eu", "lid_1", "disconnected", userId=8, reason="NAVIGATION", phoneNumber="1234567890@lid")
        self.post("us", "banned_1", "auth_failed", error='the "words": banned')
        self._steer("us", "fault", {"fault": "ban", "sessionId": "banned_1"})
        self._steer("eu", "fault", {"fault": "logout", "sessionId": "user_9_instance_ab12"})
        self.receipts = [receipt for action in ACTIONS if (receipt := self.act(action)) is not None]
        for key in API_KEYS:
            self.web.post("/api-keys", json=key)
        self.web.delete(f"/api-keys/{API_KEYS[-1]['name']}")
        time.sleep(3)
        self._steer("us", "fault", {"fault": "stop"})
        time.sleep(4)  # down, and told

    def act(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Ask for an action and return its end; ``None`` where it is refused."""
        answer = self.web.post("/actions", json=request)
        if answer.status_code >= 400:
            sys.stderr.write(f"{request['action']}: {answer.status_code} {answer.text[:100]}\n")
            return None
        id = answer.json()["id"]
        self.until(lambda: self.get(f"actions/{id}")["outcome"] not in ("accepted", None))
        found: dict[str, Any] = self.get(f"actions/{id}")
        return found

    def get(self, path: str) -> Any:
        """Return what the daemon answers; an empty list for what it does not have yet."""
        answer = self.web.get(f"/{path}")
        return answer.json() if answer.status_code == 200 else []

    def post(self, gateway: str, session_id: str, status: str, **fields: Any) -> None:
        """Post a webhook as a gateway does."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {"sessionId": session_id, "status": status, "timestamp": at, **fields}
        self.web.post(f"/gateways/{gateway}/webhook/", json=body).raise_for_status()

    def shown(self) -> dict[str, Any]:
        """Return what the daemon shows now, under today's names."""
        found: dict[str, Any] = {"actions": self.receipts}
        for name in ("sessions", "events", "messages", "jobs"):
            found[name] = self.get(name if name == "jobs" else f"{name}?limit=1000")
        found["api_keys"] = self.get("api-keys")
        return {name: [picked(name, each) for each in rows] for name, rows in found.items()}

    def until(self, found: Callable[[], bool]) -> None:
        """Wait for something."""
        deadline = time.monotonic() + 60
        while not found():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _status(self) -> Any:
        try:
            return self.get("status")
        except httpx.TransportError:
            return None

    def _steer(self, gateway: str, path: str, body: dict[str, Any]) -> None:
        url = self.gateways[gateway]["control_url"]
        httpx.post(f"{url}/sim/{path}", json=body, trust_env=False).raise_for_status()


def picked(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of what a daemon shows, under today's names."""
    kept = {key: row.get(key) for key in SHOWN[name]}
    if name in ("sessions", "events"):
        kept["detail"] = row.get("detail", row.get("words"))
    if kept.get("user_id") is not None:
        kept["user_id"] = str(kept["user_id"])
    return kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(checkout: str, name: str) -> None:
    """Make both files."""
    directory = Path(tempfile.mkdtemp())
    maker = Maker(Path(checkout).resolve(), directory)
    try:
        with maker.simulated():
            with maker.daemon():
                maker.live()
                shown = maker.shown()
            database = (directory / "state" / "wa_tui.db").read_bytes()
    finally:
        shutil.rmtree(directory)
    (HERE / f"{name}.db.xz").write_bytes(lzma.compress(database, preset=9))
    lines = [
        f'  "{kind}": [\n'
        + ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
        + "\n  ]"
        for kind, rows in shown.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (HERE / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main(*sys.argv[1:])
