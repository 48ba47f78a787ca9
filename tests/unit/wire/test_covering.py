"""What of a session a quieted gateway covers: its own trouble, and nothing that only a person mends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.needing import BANNED, CONFLICT, DOWN, EXHAUSTED, FLAPPING, ORPHAN, SCAN_QR, UNWANTED, need
from wa_tui.wire import (
    AcknowledgedView,
    Attention,
    AttentionCode,
    Cover,
    GatewayView,
    SessionView,
    calls,
    cover_of,
    is_covered,
)

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
UP = GatewayView(name="eu-1", url="", state="up", snoozed_until=NOW + HOUR)
AWAY = replace(UP, state="down")
UNABLE = need("browser_unable", "browser cannot start")


def session(needed: Attention | None, reason: str | None = None) -> SessionView:
    return SessionView(gateway="eu-1", session_id="a", status="disconnected", attention=needed, reason=reason)


@pytest.mark.parametrize("gateway", [UP, AWAY], ids=lambda gateway: gateway.state)
@pytest.mark.parametrize(
    ("needed", "reason"),
    [
        *((needed, reason) for needed in (DOWN, EXHAUSTED) for reason in (None, "missing", "restore_failed")),
        *((FLAPPING, reason) for reason in (None, "navigation", "missing")),
        (UNABLE, "browser_unable"),
        (need("profile_in_use", "profile in use"), "profile_in_use"),
        (DOWN, "gateway_unreachable"),
        (DOWN, "browser_died"),
    ],
)
def test_its_own_trouble_calls_nobody(gateway: GatewayView, needed: Attention, reason: str | None) -> None:
    found = session(needed, reason)
    assert is_covered(found, gateway, NOW) and not calls(found, gateway, NOW)


@pytest.mark.parametrize("gateway", [UP, AWAY], ids=lambda gateway: gateway.state)
@pytest.mark.parametrize(
    "needed", [BANNED, CONFLICT, SCAN_QR, UNWANTED, ORPHAN, need("other", "something new")]
)
def test_what_breaks_for_another_reason_calls(gateway: GatewayView, needed: Attention) -> None:
    for reason in (None, "logout", "missing"):
        assert calls(session(needed, reason), gateway, NOW)


@pytest.mark.parametrize("needed", [DOWN, EXHAUSTED])
@pytest.mark.parametrize("reason", ["navigation", "other", "operator"])
def test_what_may_have_either_cause_is_covered_while_the_gateway_is_away(
    needed: Attention, reason: str
) -> None:
    assert calls(session(needed, reason), UP, NOW)
    for state in ("down", "restarting", "unauthorised"):
        assert not calls(session(needed, reason), replace(UP, state=state), NOW)


def test_who_covers_it_and_for_how_long() -> None:
    found = session(DOWN, "missing")
    taken = replace(UP, snoozed_until=None, acknowledged=AcknowledgedView(who="mira@ops", at=NOW))
    for gateway, covered in (
        (UP, True),
        (taken, True),
        (replace(UP, snoozed_until=NOW), False),
        (replace(UP, snoozed_until=None), False),
        (None, False),
    ):
        assert is_covered(found, gateway, NOW) is covered
        assert calls(found, gateway, NOW) is not covered
    assert not is_covered(session(None), UP, NOW), "it needs nobody"


def test_every_code_has_been_thought_of() -> None:
    its_own = {code for code in AttentionCode if cover_of(code, None) is not Cover.NEVER}
    assert its_own == {
        AttentionCode.PROFILE_IN_USE,
        AttentionCode.BROWSER_UNABLE,
        AttentionCode.FLAPPING,
        AttentionCode.EXHAUSTED,
        AttentionCode.DOWN,
    }
