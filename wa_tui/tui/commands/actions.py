"""Commands that do something: to the sessions marked or under the cursor, or to one that is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wa_tui.identity.recipients import NotARecipient, parse_recipient
from wa_tui.tui.action_dispatch import Targets
from wa_tui.tui.commands.command import Command, CommandError, Run, Word
from wa_tui.tui.commands.naming import gateway_named, gateway_words, session_named, session_words
from wa_tui.tui.commands.snoozing import quieted_words, run_acknowledge, run_snooze
from wa_tui.tui.commands.targets import doubt, one_under_cursor, targets
from wa_tui.tui.session_actions import ADOPT, DELETE, DISCONNECT, PRIMARY, RECONNECT, Deed, rename
from wa_tui.tui.views import Place
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import Risk, risk_of

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


def _deed(deed: Deed) -> Run:
    return lambda app, text: app.acting.act(deed, targets(app, text))


def _rename(app: WaTuiApp, text: str) -> None:
    app.acting.act(rename(text), Targets((one_under_cursor(app),), doubt(app)))


def _send(app: WaTuiApp, text: str) -> None:
    from wa_tui.tui.screens.send_message import SendScreen

    key = one_under_cursor(app)
    if app.refuses(f"a message from {app.call(key)}", key[0]):
        return
    to, _, message = text.partition(" ")
    if not to:
        app.push_screen(SendScreen(key))
        return
    request = ActionRequest(
        action="send", gateway=key[0], session_id=key[1], recipient=_recipient(to, message), message=message
    )
    subject = f"from {app.call(key)}"
    app.acting.surely(doubt(app), f"Send {subject}?", "Send", lambda: app.ask(request, subject))


def _recipient(to: str, message: str) -> str:
    """Return whom the first word of a line names; no digits of a number with spaces become its text."""
    try:
        recipient = parse_recipient(to)
    except NotARecipient as error:
        raise CommandError(f"{error}; write :send RECIPIENT TEXT, a number without spaces") from error
    first, _, _ = message.strip().partition(" ")
    if first and set(first) <= set("0123456789()-./"):
        raise CommandError(
            f"is {first} part of the number or of the text? Write the number without spaces; "
            "a text that begins with digits goes through the form, :send alone"
        )
    if not first:
        raise CommandError("the text is missing: write :send RECIPIENT TEXT, or :send alone for the form")
    return str(recipient)


def _pair(app: WaTuiApp, text: str) -> None:
    from wa_tui.tui.screens.qr import QrScreen

    key = session_named(app, text) if text else one_under_cursor(app)
    gateway = app.state.gateways.get(key[0])
    if gateway is None or "pairing_code" not in gateway.capabilities:
        raise CommandError(f"{key[0]} makes no pairing codes: scan the QR code, :qr")
    if app.refuses(f"pairing code for {app.call(key)}", key[0]):
        return
    app.navigation.go(Place("qr", key))
    app.acting.start_code(key)
    if isinstance(app.screen, QrScreen):
        app.screen.pair_soon()


def _sync(app: WaTuiApp, text: str) -> None:
    gateway = gateway_named(app, text) if text else None
    if not app.refuses("sync", gateway, Risk.SAFE):
        app.ask(ActionRequest(action="sync", gateway=gateway), f"of {gateway or 'all gateways'}")


def _job(app: WaTuiApp, text: str) -> None:
    name, _, gateway = text.partition(" ")
    known = {job.name for job in app.state.jobs.values()}
    if name not in known:
        raise CommandError(f"there is no job {name}; there are {', '.join(sorted(known)) or 'none'}")
    on = gateway_named(app, gateway) if gateway else None
    if not app.refuses(f"run {name}", on, risk_of("run_job", name)):
        request = ActionRequest(action="run_job", job=name, gateway=on)
        app.ask(request, f"{name}{f' on {on}' if on else ''}")


def _job_words(app: WaTuiApp) -> list[Word]:
    return [Word(name) for name in sorted({job.name for job in app.state.jobs.values()})]


def _new(app: WaTuiApp, text: str) -> None:
    if text:
        raise CommandError(":new takes nothing; its form asks for all")
    from wa_tui.tui.screens.main import MainScreen

    root = app.screen_stack[0]
    if isinstance(root, MainScreen):
        root.action_new()


def _durations(_: WaTuiApp) -> list[Word]:
    return [Word("30m"), Word("2h"), Word("8h"), Word("1d"), Word("0", "ends it")]


def _session_deed(name: str, help: str, deed: Deed, *aliases: str) -> Command:
    return Command(name, help, _deed(deed), aliases, "[SESSION…]", session_words)


_Table = Callable[[], tuple[Command, ...]]

ACTIONS: tuple[Command, ...] = (
    _session_deed("reconnect", "Reconnect; asks first when it works", RECONNECT, "r"),
    _session_deed("disconnect", "Disconnect: it stays off; asks first", DISCONNECT),
    Command("rename", "Give it another instance name", _rename, (), "NAME"),
    _session_deed("primary", "Make it its user's primary", PRIMARY),
    Command("snooze", "Quiet it for a while (2h), 0 ends that", run_snooze, (), "[DURATION] [SESSION…|GATEWAY]",
            _durations),
    Command("acknowledge", "You take care of it; again takes that back", run_acknowledge, ("ack",),
            "[SESSION…|GATEWAY]", quieted_words),
    _session_deed("delete", "Delete it; asks first", DELETE),
    _session_deed("adopt", "Keep one that is on its gateway although it was deleted", ADOPT),
    Command("pair", "A code to type on its phone instead of the QR code", _pair, ("pairing-code",), "[SESSION]",
            session_words),
    Command("send", "Send a message from it", _send, (), "[RECIPIENT TEXT]"),
    Command("new", "Start a new session and show its QR code", _new),
    Command("sync", "Check every session now", _sync, (), "[GATEWAY]", gateway_words),
    Command("job", "Run a job now", _job, ("run",), "NAME [GATEWAY]", _job_words),
)  # fmt: skip
