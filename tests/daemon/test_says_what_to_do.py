"""What somebody is needed for, what an action comes to, what a gateway's errors say: the cause, then what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import msgspec
import pytest

from wa_tui.daemon.actions.unreachable import UnreachableGateway, absence_of
from wa_tui.daemon.attention.gateways import advice_of
from wa_tui.daemon.attention.sessions import attention
from wa_tui.gateways.errors import (
    Call,
    Garbled,
    GatewayError,
    Intercepted,
    InvalidRequest,
    NoAnswer,
    Refused,
    Unauthorised,
    Unreachable,
)
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Credentials, Desired, GatewayState, Reason, Status
from wa_tui.model.session import Session
from wa_tui.wire import GUIDE, Attention, AttentionCode, GatewayView, HealingView, gateway_needs

URL, HOST = "http://db-3.example:3000", "db-3.example"
ID = "user_7_instance_sales"
VERBS = re.compile(
    r"^(adopt|allow|ask|call|change|check|close|disconnect|end|find|follow|free|give|have|install|look|mend|nothing|"
    r"raise|read|reconnect|renew|restart|run|see|set|start|write|its (client|service) may hang: see)\b"
)
CALLS = {
    "health": ("GET", "/health", None, False),
    "list": ("GET", "/api/session/list", None, False),
    "check": ("GET", f"/api/session/status/{ID}", ID, False),
    "start": ("POST", "/api/session/init", ID, True),
    "disconnect": ("POST", "/api/session/disconnect", ID, False),
    "send": ("POST", "/api/message/send-text", ID, False),
    "pairing code": ("POST", "/api/session/pairing-code", ID, False),
}
SAID = (
    "Client already exists", "Client not found. Please reconnect the session.", "QR code generation timeout",
    "Client not connected (status: qr_pending). Please reconnect the session.", "Evaluation failed: t.",
    "Client session closed. Please reconnect the session.", "Recipient unknown: 123",
    "Failed to launch the browser process",
)  # fmt: skip


def _errors() -> Iterator[GatewayError]:
    for method, path, session_id, starts in CALLS.values():
        call = Call("eu-1", URL, method, path, session_id, starts)
        yield Unreachable(call, "connection refused", refused=True)
        yield Unreachable(call, "no connection within 5 s")
        yield Unreachable(call, "its certificate has expired", "renew it there")
        yield NoAnswer(call, "no answer within 10 s")
        yield NoAnswer(call, "not sent within 10 s: earlier requests hang", sent=False)
        yield Unauthorised(call, "Invalid API key")
        yield Garbled(call, "answered 200 with an empty body")
        yield Intercepted(
            call, "the proxy before eu-1 asks for a token", "have it let wa-tui through", refuses=True
        )
        yield InvalidRequest(call, "bad session id ''", "give it another id")
        for said, status in product(SAID, (200, 400, 404, 408, 500)):
            yield Refused(call, said, status)


def _late(text: str) -> int:
    """Return where the first address or session id begins."""
    return min(at for word in (URL, ID, " (GET ", " (POST ") if (at := f"{text} (GET ".find(word)) >= 0)


def test_an_error_says_the_cause_then_where_then_what_to_do_and_the_address_last() -> None:
    for error in _errors():
        text = str(error)
        assert text.startswith(error.detail) and len(error.detail) <= _late(text), text
        assert text.endswith(f" ({error.call})"), text
        doubt = "it may have been done all the same: check before trying again"
        assert (doubt in text) is not error.outcome_known
        assert VERBS.match(error.advice) or error.advice.startswith("the service answered"), error.advice
        assert text.index(error.advice) < text.index(URL), text
        if error.sent:
            assert "url is right" not in text and "start eu-1" not in text, f"it was reached: {text}"


@pytest.mark.parametrize("then", ["", "noted, sales comes back when the gateway answers"])
def test_a_receipt_of_a_gateway_that_is_away_begins_with_the_cause(then: str) -> None:
    aways = [absence_of(error) for error in _errors() if isinstance(error, Unreachable | Unauthorised)]
    aways.append(
        UnreachableGateway(
            "no answer within 5 s", "gateway eu-1 is down", f"see that eu-1 runs on {HOST}", URL
        )
    )
    for away in aways:
        text = away.explain(then)
        assert text.startswith(away.detail) and len(away.detail) <= _late(text), text
        assert then in text and text.index(away.advice) < text.index(URL)
        assert (
            text.rstrip(")").rpartition(" (")[2].endswith((URL, *(path for _, path, _, _ in CALLS.values())))
        )


def _sessions() -> Iterator[tuple[Session, HealingView | None]]:
    detail = (
        None,
        "Health check detected disconnection",
        "TOS_BLOCK",
        "Failed to launch the browser process! ENOSPC",
    )
    healing = (
        None,
        HealingView(state="waiting"),
        HealingView(state="flapping", why="flapping: 9 drops in 60 min"),
        HealingView(state="exhausted", why="12 attempts in an hour failed: no answer within 45 s"),
    )
    for status, reason, said, credentials, desired, nursed in product(
        Status, (None, *Reason), detail, Credentials, Desired, healing
    ):
        session = Session(
            "eu-1", ID, 1, status=status, reason=reason, detail=said, credentials=credentials, desired=desired
        )
        yield session, nursed
    yield msgspec.structs.replace(session, orphan=True), None


def test_what_a_session_needs_a_person_for_has_a_cause_and_a_verb() -> None:
    found = {attention(session, healing, URL) for session, healing in _sessions()}
    needs = [need for need in found if need is not None]
    assert {need.code for need in needs} >= {
        *(AttentionCode.BANNED, AttentionCode.CONFLICT, AttentionCode.SCAN_QR, AttentionCode.EXHAUSTED),
        *(AttentionCode.FLAPPING, AttentionCode.DOWN, AttentionCode.UNWANTED, AttentionCode.ORPHAN),
    }
    for need in needs:
        _is_told(need)
        if need.code is AttentionCode.BANNED:
            assert "reconnect" not in need.action, "it cannot help"


@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize("detail", [None, "connection refused", "its certificate has expired"])
@pytest.mark.parametrize("told", [None, "renew it there"])
def test_a_gateways_need_names_what_to_do(proxied: bool, detail: str | None, told: str | None) -> None:
    for state in GatewayState:
        gateway = Gateway("eu-1", state, detail=detail, advice=told, proxy_refuses=proxied)
        advice = advice_of(gateway, URL)
        view = GatewayView(
            name="eu-1", url=URL, state=state, detail=detail, advice=advice, proxy_refuses=proxied
        )
        needs = gateway_needs(view)
        assert bool(needs) is (state in (GatewayState.DOWN, GatewayState.UNAUTHORISED)) is bool(advice)
        for need in needs:
            _is_told(need)
            if told is not None:
                assert need.action == told, "who told the cause knows best"
            elif state is GatewayState.DOWN:
                assert HOST in need.action, "whose host it is"


def test_every_code_is_in_the_guide_and_has_something_to_do() -> None:
    assert set(GUIDE) == set(AttentionCode)
    for code, (meaning, todo) in GUIDE.items():
        assert meaning and VERBS.match(todo), code


def _is_told(need: Attention) -> None:
    assert need.text and _late(need.text) > 0
    assert VERBS.match(need.action), need
    assert not need.text.endswith((".", " ")) and not need.action.endswith((".", " ")), need
