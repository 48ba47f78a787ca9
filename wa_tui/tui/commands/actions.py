"""Commands that do something: to what is named, else to what is marked or under the cursor."""

from __future__ import annotations

from wa_tui.identity.recipients import NotARecipient, parse_recipient
from wa_tui.text.durations import minutes_of
from wa_tui.tui.commands.command import (
    Command,
    CommandContext,
    CommandError,
    Run,
    gateway_named,
    gateway_words,
    one_under_cursor,
    session_named,
    session_words,
    sessions_called,
    targets,
)
from wa_tui.tui.intents import Acknowledge, Act, Ask, Notify, Pair, SendFrom, Snooze, StartSession
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import (
    ADOPT,
    DELETE,
    DISCONNECT,
    LOGOUT,
    PRIMARY,
    RECONNECT,
    RESTART,
    Aim,
    SessionAction,
    Targets,
    rename,
)
from wa_tui.tui.widgets.command_line import Word
from wa_tui.wire import USUAL_SNOOZE, ActionRequest

_GATEWAY = "gateway:"
"""Before a name that a session has too."""


def _acting_on(action: SessionAction) -> Run:
    return lambda context, text: _post_act(context, action, targets(context, text))


def _post_act(context: CommandContext, action: SessionAction, found: Targets) -> None:
    context.post(Act(action, found))


def _rename(context: CommandContext, text: str) -> None:
    context.post(Act(rename(text), Targets((one_under_cursor(context),), context.aim.doubt)))


def _acknowledge(context: CommandContext, text: str) -> None:
    context.post(Acknowledge(_quieted(context, text)))


def _snooze(context: CommandContext, text: str) -> None:
    """For as long as the first word says, else for the usual time."""
    first, _, names = text.partition(" ")
    try:
        minutes = minutes_of(first) if first else USUAL_SNOOZE
    except ValueError as error:
        monitor = context.monitor
        if first not in monitor.state.gateways and not sessions_called(monitor, first):
            raise CommandError(str(error)) from error
        minutes, names = USUAL_SNOOZE, text
    context.post(Snooze(_quieted(context, names), minutes))


def _quieted(context: CommandContext, text: str) -> Aim:
    """Return the gateway that is named or under the cursor, else the sessions. Raises CommandError."""
    monitor, name = context.monitor, text.removeprefix(_GATEWAY)
    if not text and context.aim.gateway is not None:
        return context.aim
    if name not in monitor.state.gateways:
        return Aim(targets=targets(context, text))
    if name == text and (called := sessions_called(monitor, text)):
        readings = f"{called[0][0]}/{text} for the session, {_GATEWAY}{text} for the gateway"
        raise CommandError(f"{text} is a session and a gateway: {readings}")
    return Aim(gateway=name)


def _quieted_words(monitor: Monitor) -> list[Word]:
    return [*gateway_words(monitor), *session_words(monitor)]


def _send(context: CommandContext, text: str) -> None:
    key = one_under_cursor(context)
    subject = f"from {context.monitor.call(key)}"
    what = f"a message {subject}"
    to, _, message = text.partition(" ")
    if (refused := context.monitor.refusal(what, key[0])) is not None:
        context.post(Notify(refused))
    elif not to:
        context.post(SendFrom(key))
    else:
        recipient = _recipient(to, message)
        gateway, session_id = key
        request = ActionRequest(
            action="send", gateway=gateway, session_id=session_id, recipient=recipient, message=message
        )
        context.post(Ask(request, subject, what, doubt=context.aim.doubt, verb="Send"))


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


def _pair(context: CommandContext, text: str) -> None:
    monitor = context.monitor
    key = session_named(monitor, text) if text else one_under_cursor(context)
    gateway = monitor.state.gateways.get(key[0])
    if gateway is None or "pairing_code" not in gateway.capabilities:
        raise CommandError(f"{key[0]} makes no pairing codes: scan the QR code, :qr")
    context.post(Pair(key))


def _sync(context: CommandContext, text: str) -> None:
    gateway = gateway_named(context.monitor, text) if text else None
    request = ActionRequest(action="sync", gateway=gateway)
    context.post(Ask(request, f"of {gateway or 'all gateways'}", "sync"))


def _job(context: CommandContext, text: str) -> None:
    name, _, gateway = text.partition(" ")
    known = {job.name for job in context.monitor.state.jobs.values()}
    if name not in known:
        raise CommandError(f"there is no job {name}; there are {', '.join(sorted(known)) or 'none'}")
    on = gateway_named(context.monitor, gateway) if gateway else None
    request = ActionRequest(action="run_job", job=name, gateway=on)
    context.post(Ask(request, f"{name}{f' on {on}' if on else ''}", f"run {name}"))


def _job_words(monitor: Monitor) -> list[Word]:
    return [Word(name) for name in sorted({job.name for job in monitor.state.jobs.values()})]


def _new(context: CommandContext, text: str) -> None:
    if text:
        raise CommandError(":new takes nothing; its form asks for all")
    root = context.root
    key = root.aim().key if isinstance(root, FleetScreen) else None
    context.post(StartSession(key and key[0]))


def _durations(_: Monitor) -> list[Word]:
    return [Word("30m"), Word("2h"), Word("8h"), Word("1d"), Word("0", "ends it")]


def _on_sessions(name: str, help: str, action: SessionAction, *aliases: str) -> Command:
    return Command(name, help, _acting_on(action), aliases, "[SESSION…]", session_words, action.needs)


ACTIONS: tuple[Command, ...] = (
    _on_sessions("reconnect", "Reconnect; asks first when it works", RECONNECT, "r"),
    _on_sessions("restart", "Restart: its gateway ends it and starts it anew", RESTART),
    _on_sessions("disconnect", "Disconnect: it stays off; asks first", DISCONNECT),
    _on_sessions("logout", "Unlink it: its phone must scan again; asks first", LOGOUT, "unlink"),
    Command("rename", "Give it another instance name", _rename, (), "NAME"),
    _on_sessions("primary", "Make it its user's primary", PRIMARY),
    Command("snooze", "Quiet it for a while (2h), 0 ends that", _snooze, (), "[DURATION] [SESSION…|GATEWAY]",
            _durations),
    Command("acknowledge", "You take care of it; again takes that back", _acknowledge, ("ack",),
            "[SESSION…|GATEWAY]", _quieted_words),
    _on_sessions("delete", "Delete it; asks first", DELETE),
    _on_sessions("adopt", "Keep one that is on its gateway although it was deleted", ADOPT),
    Command("pair", "A code to type on its phone instead of the QR code", _pair, ("pairing-code",), "[SESSION]",
            session_words),
    Command("send", "Send a message from it", _send, (), "[RECIPIENT TEXT]"),
    Command("new", "Start a new session and show its QR code", _new),
    Command("sync", "Check every session now", _sync, (), "[GATEWAY]", gateway_words),
    Command("job", "Run a job now", _job, ("run",), "NAME [GATEWAY]", _job_words),
)  # fmt: skip
