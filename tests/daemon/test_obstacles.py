"""What keeps a browser from starting: a person is called at the first failure; what is mended comes back by itself."""

from __future__ import annotations

import socket
from dataclasses import replace
from functools import partial

import pytest

from wa_tui.daemon.actions import following
from wa_tui.daemon.attention.obstacles import obstacle
from wa_tui.model.reasons import classify
from wa_tui.model.registers import Reason, Status
from wa_tui.wire import Attention

from .inside import QUICK, Inside, nth, world
from .waiting import until

INIT = "/api/session/init"
SLOW = replace(QUICK, attempts_per_hour=2)
HERE = socket.gethostname()
PROFILE = "/srv/whatsapp/.wwebjs_auth/session-"

blocked_world = partial(world, start_seconds=0.05, poll_seconds=0.05)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)


async def test_browsers_that_outlive_their_service_are_named_at_the_first_failure() -> None:
    """The service is killed, its browsers live: every init is refused until somebody ends them."""
    async with blocked_world(3, healing=SLOW, restore_delay_seconds=0.1) as (sim, daemon):
        await daemon.proven(*map(nth, range(3)))
        await sim.fault("kill", downtime=0.3)
        for n in range(3):
            view = await daemon.view_until(nth(n), lambda view: view.reason == "profile_in_use")
            assert said(view.attention) == (
                f"profile in use; end the Chromium on {HERE} that holds {PROFILE}{nth(n)}"
            )
            assert (view.detail or "").startswith("The browser is already running for ")
            assert view.healing is not None and view.healing.attempts == 1
        # Beyond the budget of the hour, and never given up; called for all the while.
        after = (await sim.log())[-1]["n"]
        await until(partial(_tried, sim, after, 9))
        for n in range(3):
            view = await daemon.view(nth(n))
            assert said(view.attention).startswith("profile in use; end ")
            assert view.healing is not None and view.healing.state in ("waiting", "starting")
            events = await daemon.events(session_id=nth(n))
            called = next(event.id for event in events if "no effect: profile in use" in event.text)
            assert not [event for event in events if event.id > called and event.reason == "missing"]
        [gateway] = (await daemon.client.status()).gateways
        assert gateway.healing is not None and gateway.healing.paused_until is None, "each is its own trouble"
        await sim.fault("end_browsers")
        for n in range(3):
            await daemon.session_until(nth(n), lambda s: s.proven_at is not None)
            view = await daemon.view_until(nth(n), lambda view: view.healing is None)
            assert (view.attention, view.reason, view.detail) == (None, None, None)


async def test_an_obstacle_is_remembered_over_a_restart_of_the_daemon() -> None:
    slow = replace(SLOW, backoff_max=60.0, backoff_min=0.05)
    async with blocked_world(1, healing=slow, restore_delay_seconds=0.1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("kill", downtime=0.3)
        before = await daemon.view_until(nth(0), lambda view: view.reason == "profile_in_use")
        tried = len(await sim.requests(INIT))
        await daemon.restart()
        after = await daemon.view_until(nth(0), lambda view: view.healing is not None)
        assert (after.attention, after.reason, after.detail) == (
            before.attention,
            before.reason,
            before.detail,
        )
        assert after.healing is not None and after.healing.state == "waiting"
        assert len(await sim.requests(INIT)) == tried, "it waits its turn"
        await sim.fault("end_browsers")
        # A person who has mended it need not wait.
        assert (await daemon.done("reconnect", nth(0))).outcome == "verified"
        assert (await daemon.view(nth(0))).attention is None


async def test_a_receipt_says_the_cause_first_and_what_to_do() -> None:
    async with blocked_world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("launch_fails", message="ENOSPC: no space left on device, mkdir '/srv/whatsapp'")
        receipt = await daemon.done("reconnect", nth(0), force=True)
        assert receipt.outcome == "no_effect"
        assert receipt.text.startswith(
            f"browser cannot start: disk full on {HERE}; free some space; session "
        )
        assert "check before trying again" not in receipt.text and receipt.text.endswith(f"{INIT})")
        view = await daemon.view(nth(0))
        assert said(view.attention) == f"browser cannot start: disk full on {HERE}; free some space"


async def test_what_a_start_was_refused_with_stays_while_healing_waits() -> None:
    slow = replace(QUICK, backoff_min=60.0, backoff_max=60.0)
    detail = "net::ERR_NAME_NOT_RESOLVED at https://web.whatsapp.com/"
    async with blocked_world(1, healing=slow) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("launch_fails", message=detail)
        receipt = await daemon.done("reconnect", nth(0), force=True)
        assert receipt.text.startswith(f"{detail}: session {nth(0)} on default; ")
        assert "check before trying again" not in receipt.text, "it certainly failed"
        await _lose(daemon)
        session = daemon.session(nth(0))
        assert session.status is Status.DISCONNECTED
        assert (session.reason, session.detail) == (Reason.OTHER, detail)


def said(attention: Attention | None) -> str:
    return attention.sentence if attention is not None else ""


async def _lose(daemon: Inside) -> None:
    """Have its gateway hold no client of it, and a check find that."""
    await daemon.daemon.parts.clients["default"].disconnect(nth(0))
    await daemon.session_until(nth(0), lambda s: s.gone)


async def _tried(sim: object, after: int, count: int) -> bool:
    return len(await sim.requests(INIT, after)) >= count  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        (
            "Profile in use: end Chromium 4711 of node 4700, which is already running for /srv/wa/session-x",
            "profile in use; end Chromium 4711 of node 4700 on eu-1.example that holds /srv/wa/session-x",
        ),
        (
            "Profile in use: end Chromium 17 on another computer (lab-1), which is already running for /srv/session-x",
            "profile in use; end Chromium 17 on lab-1 that holds /srv/session-x; if lab-1 is gone, remove its "
            "SingletonLock, SingletonCookie and SingletonSocket on eu-1.example",
        ),
        (
            "Browser cannot start: it ended with code 3 (a: 1; b); start it by hand, as the user that runs the service",
            "browser cannot start: it ended with code 3 (a: 1; b) on eu-1.example; start it by hand, as the user that "
            "runs the service",
        ),
        (
            "Browser cannot start: libnss3.so is missing; apt-get install -y libnss3",
            "browser cannot start: libnss3.so is missing on eu-1.example; apt-get install -y libnss3",
        ),
        (
            "[7:7:ERROR:zygote_host_impl_linux.cc(103)] Running as root without --no-sandbox is not supported.",
            "browser cannot start: no usable sandbox on eu-1.example; allow user namespaces there, or start it with "
            "--no-sandbox",
        ),
        (
            "The browser is already running for /srv/my wa/session-x. Use a different `userDataDir` or stop …",
            "profile in use; end the Chromium on eu-1.example that holds /srv/my wa/session-x",
        ),
        (
            "Failed to launch the browser process!\n[1:1:ERROR:process_singleton_posix.cc(345)] The profile appears to "
            "be in use by another Chromium process (4711) on another computer (lab-1). Chromium has locked …",
            "profile in use; end Chromium 4711 on lab-1 that holds the profile session-x; if lab-1 is gone, remove its "
            "SingletonLock, SingletonCookie and SingletonSocket on eu-1.example",
        ),
        (
            "profile_in_use: Chromium 4711 holds it",
            "profile in use; end Chromium 4711 on eu-1.example that holds the profile session-x",
        ),
        (
            "browser_unable: chromium: error while loading shared libraries: libnss3.so: cannot open it",
            "browser cannot start: libnss3.so is missing on eu-1.example; install the package that has it",
        ),
        (
            "[1:1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are …",
            "browser cannot start: no usable sandbox on eu-1.example; allow user namespaces there, or start it with "
            "--no-sandbox",
        ),
        (
            "Missing X server or $DISPLAY",
            "browser cannot start: no display on eu-1.example; run it headless",
        ),
        (
            "spawn /usr/bin/chromium ENOENT",
            "browser cannot start: no browser found on eu-1.example; install Chromium, or set its path",
        ),
        (
            "Failed to launch the browser process!",
            "browser cannot start on eu-1.example; see the service's log there",
        ),
        (
            "Failed to launch the browser process: Code: 1\n\nstderr:\nIllegal instruction",
            "browser cannot start: Illegal instruction on eu-1.example; see the service's log there",
        ),
    ],
)
def test_obstacles_say_what_to_do_and_where(detail: str, text: str) -> None:
    assert said(obstacle(classify(detail), detail, "https://eu-1.example:3000", "x")) == text


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "http://localhost", "http://[::1]:3000"])
def test_our_own_machine_is_called_by_its_name(url: str) -> None:
    assert said(obstacle(Reason.BROWSER_UNABLE, "disk full", url, "x")).startswith(
        f"browser cannot start: disk full on {HERE}; "
    )


def test_what_is_no_obstacle_has_no_such_text() -> None:
    assert obstacle(Reason.MISSING, "x", "http://eu-1", "x") is None
