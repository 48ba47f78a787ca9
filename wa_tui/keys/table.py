"""The one table of keys: Textual's bindings, the key bar and the help screen are all made from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from wa_tui.identity.capabilities import Capability


class Context(StrEnum):
    """Where a key works; the value is the help screen's heading."""

    EVERYWHERE = "Everywhere"
    VIEW = "In every view"
    SESSIONS = "Sessions"
    SESSION = "The session under the cursor"
    ACTION = "Done to the session under the cursor, or to all that are marked"
    MARKS = "Marking sessions"
    ORDER = "Order of the sessions"
    GRID = "Moving in the rows"
    LOG = "Reading the log"
    LOG_VIEW = "The log on the whole screen"
    DETAILS = "Details of a session"
    GATEWAYS = "Gateways"
    JOBS = "Jobs"
    MESSAGES = "Messages"
    RAW = "JSON"
    USERS = "Users"
    TRAFFIC = "Traffic"
    REPORT = "The handover"
    QR = "QR code"
    HELP = "Help"
    COMMAND = "Command line"
    DIALOG = "Dialogs"
    QUESTION = "Questions before something is done"
    NAMED = "Choosing a named view"
    STOPPED = "No daemon"


Keymap = Mapping[str, str]
"""Keys by id, as a person writes them: ``{"session.reconnect": "R,f5"}``."""


class KeyBinding(Struct, frozen=True):
    """One binding: ``id`` is what a keymap names, ``keys`` Textual's names, separated by commas.

    ``rank`` is its place in the key bar (lowest first; the bar sheds from the right), ``None`` keeps it out.
    ``asks`` marks what is confirmed first.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    context: Context
    rank: int | None = None
    asks: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Textual's names of the keys."""
        return tuple(self.keys.split(","))

    @property
    def shown(self) -> str:
        """The keys as a person reads them: ``/`` and not ``slash``."""
        return " ".join(dict.fromkeys(SHOWN.get(name, name) for name in self.names))

    @property
    def first(self) -> str:
        """The first of them, which key bar and hints name."""
        return self.shown.partition(" ")[0]


SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "at": "@",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "shift+left": "shift+←",
    "shift+right": "shift+→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "ctrl+@": "ctrl+space",
}
"""What a person calls a key, where Textual calls it otherwise."""

_E, _V, _S, _G, _L = Context.EVERYWHERE, Context.VIEW, Context.SESSIONS, Context.GRID, Context.LOG
_ONE, _DO, _M, _O, _H = Context.SESSION, Context.ACTION, Context.MARKS, Context.ORDER, Context.HELP
_D, _Q, _C, _A, _N = Context.DETAILS, Context.QR, Context.COMMAND, Context.DIALOG, Context.STOPPED
_LV, _GW, _J, _MS, _R = Context.LOG_VIEW, Context.GATEWAYS, Context.JOBS, Context.MESSAGES, Context.RAW
_Y, _NV, _RP, _U, _T = Context.QUESTION, Context.NAMED, Context.REPORT, Context.USERS, Context.TRAFFIC

KEYS: tuple[KeyBinding, ...] = (
    KeyBinding("help", "question_mark", "app.help", "Help", "The keys of this view, then all others", _E, 90),
    KeyBinding("quit", "q,ctrl+c", "app.quit", "Quit", "Leave; a daemon started for this monitor ends with it", _E, 48),
    KeyBinding("command", "colon", "app.command", "Command", "Type a command; tab completes it", _E, 46),
    KeyBinding("palette", "ctrl+p", "app.palette", "Palette", "The same commands to choose from", _E),
    KeyBinding("back", "left_square_bracket", "app.go_back", "Back", "The view before this one", _E),
    KeyBinding("forward", "right_square_bracket", "app.go_forward", "Forward",
        "The view after this one, once gone back", _E),
    KeyBinding("last", "minus", "app.go_last", "Last view", "Change between the last two views", _E),
    KeyBinding("suspend", "ctrl+z", "app.suspend_process", "Suspend",
        "Back to the shell; its fg brings the monitor back", _E),
    KeyBinding("redraw", "ctrl+l", "app.redraw", "Redraw",
        "Paint the screen anew, after something else wrote on it", _E),
    KeyBinding("view.back", "escape", "app.go_up", "Back", "One layer up: filter, marks, view, notice", _V, 5),
    KeyBinding("view.times", "T", "app.iso_times", "ISO times", "Times in ISO 8601, or short again", _V),
    KeyBinding("session.reconnect", "r", "reconnect", "Reconnect", "Reconnect; asks first when it works", _DO, 10),
    KeyBinding("session.qr", "o", "qr", "QR",
        "Show the QR code to scan; one that was logged out gets a new one", _ONE, 20),
    KeyBinding("session.details", "enter,d", "details", "Details", "Facts and timeline", _ONE, 30),
    KeyBinding("session.log", "l", "log", "Log", "Its log", _ONE, 40),
    KeyBinding("session.send", "t", "send", "Test message", "Send a test message", _ONE, 50),
    KeyBinding("session.edit", "e", "edit", "Edit", "Rename it, or make it its user's primary", _ONE),
    KeyBinding("session.raw", "y", "raw", "JSON", "What the API says of it, as JSON", _ONE),
    KeyBinding("session.copy", "c", "copy", "Copy id", "Copy its id to the clipboard", _ONE),
    KeyBinding("session.copy_phone", "C", "copy_phone", "Copy phone", "Copy its phone number to the clipboard", _ONE),
    KeyBinding("session.snooze", "z", "snooze", "Snooze", "Quiet it for a while; again ends that at once", _DO, 68),
    KeyBinding("session.acknowledge", "a", "acknowledge", "Acknowledge",
        "You take care of it until it is connected, or calm; again takes that back", _DO, 66),
    KeyBinding("session.disconnect", "x", "disconnect", "Disconnect", "Disconnect: it stays off", _DO, 85, asks=True),
    KeyBinding("session.restart", "B", "restart", "Restart",
        "Restart: its gateway ends it and starts it anew; asks first when it works", _DO, 86),
    KeyBinding("session.logout", "X", "logout", "Unlink", "Unlink: its phone must scan again", _DO, 87, asks=True),
    KeyBinding("session.delete", "D", "delete", "Delete", "Delete it: disconnected, and its row goes", _DO, asks=True),
    KeyBinding("sessions.filter", "slash", "filter", "Filter",
        "Filter: word, !not, -f fuzzy, status:qr cause:scan_qr gateway:eu-1 user:12 for:>5m", _S, 45),
    KeyBinding("sessions.cause", "b", "cause", "Cause",
        "Only those in trouble by the first cause, by the next one, then all", _S, 43),
    KeyBinding("sessions.trouble", "F", "only_trouble", "Trouble", "Only those in trouble, or all", _S),
    KeyBinding("sessions.gateway_0", "0", "gateway(0)", "All", "Sessions of all gateways", _S),
    *(KeyBinding(f"sessions.gateway_{n}", f"{n}", f"gateway({n})", f"Gateway {n}", f"Sessions of gateway {n}", _S)
      for n in range(1, 10)),
    KeyBinding("sessions.sync", "s", "sync", "Sync now", "Check every session now", _S, 60),
    KeyBinding("sessions.new", "n", "new", "New", "Start a new session and show its QR code", _S, 80),
    KeyBinding("sessions.wide", "w", "wide", "Wide", "More columns", _S),
    KeyBinding("sessions.view", "v", "named_view", "View",
        "A named view ([views]): a digit says which; :view NAME", _S),
    KeyBinding("sessions.full", "f", "full", "Full", "The sessions alone on the screen", _S),
    KeyBinding("sessions.pause", "p", "app.pause", "Pause",
        "Hold the screen while data comes in; again lets it on", _S),
    KeyBinding("sessions.log_of_one", "L", "toggle_log", "Log below",
        "Log below: of this session, or of the fleet", _S),
    KeyBinding("sessions.to_log", "tab", "app.focus_next", "Log", "Between the sessions and the log", _S),
    KeyBinding("marks.mark", "space", "mark", "Mark",
        "Mark it, or not; what is done is then done to all marked, and asks first when they are not in view", _M),
    KeyBinding("marks.range", "V,ctrl+@,ctrl+space", "mark_range", "Mark range",
        "Mark from the last marked to here", _M),
    KeyBinding("marks.invert", "i", "invert_marks", "Invert", "Mark the others; with no marks, all", _M),
    KeyBinding("marks.clear", "u", "clear_marks", "Unmark", "Clear all marks", _M),
    KeyBinding("order.status", "S", "sort('status')", "By status",
        "Trouble first; each of these keys again reverses", _O),
    KeyBinding("order.instance", "I", "sort('instance')", "By instance", "By instance name", _O),
    KeyBinding("order.phone", "P", "sort('phone')", "By phone", "By phone number", _O),
    KeyBinding("order.gateway", "W", "sort('gateway')", "By gateway", "By gateway (where)", _O),
    KeyBinding("order.age", "A", "sort('for')", "By age", "By how long the status holds, newest first", _O),
    KeyBinding("order.uptime", "U", "sort('up')", "By uptime", "By uptime, lowest first", _O),
    KeyBinding("order.proven", "R", "sort('proven')", "By proof", "By proof, oldest first", _O),
    KeyBinding("order.left", "shift+left", "sort_beside(-1)", "Column left", "By the column to the left", _O),
    KeyBinding("order.right", "shift+right", "sort_beside(1)", "Column right", "By the column to the right", _O),
    KeyBinding("grid.up", "up,k", "cursor_up", "Up", "Row above", _G),
    KeyBinding("grid.down", "down,j", "cursor_down", "Down", "Row below", _G),
    KeyBinding("grid.page_up", "pageup", "page_up", "Page up", "A page up", _G),
    KeyBinding("grid.page_down", "pagedown", "page_down", "Page down", "A page down", _G),
    KeyBinding("grid.home", "home,g", "cursor_home", "First", "First row, whichever that is from now on", _G),
    KeyBinding("grid.end", "end,G", "cursor_end", "Last", "Last row", _G),
    KeyBinding("grid.trouble_above", "K", "trouble_above", "Trouble above", "The next in trouble above the screen", _G),
    KeyBinding("grid.trouble_below", "J", "trouble_below", "Trouble below", "The next in trouble below the screen", _G),
    KeyBinding("log.up", "up,k", "scroll_up", "Up", "Older", _L),
    KeyBinding("log.down", "down,j", "scroll_down", "Down", "Newer", _L),
    KeyBinding("log.page_up", "pageup", "page_up", "Page up", "A page back; new events do not move the page", _L),
    KeyBinding("log.page_down", "pagedown", "page_down", "Page down", "A page on", _L),
    KeyBinding("log.home", "home,g", "scroll_home", "Oldest", "The oldest that is kept", _L),
    KeyBinding("log.end", "end,G", "scroll_end", "Follow", "The newest, and follow", _L),
    KeyBinding("log.search", "slash", "search", "Search", "Look for a text; n and N go from place to place", _LV, 10),
    KeyBinding("log.next", "n", "find(1)", "Next", "The next line that has it", _LV),
    KeyBinding("log.previous", "N", "find(-1)", "Previous", "The line before that has it", _LV),
    KeyBinding("log.filter", "f", "filter", "Filter",
        "Only some: word, !word, source:heal,action gateway: session: kind: level:trouble", _LV, 20),
    KeyBinding("log.level", "v", "level", "Level",
        "Only changes and actions, only trouble, all with every QR code", _LV, 30),
    KeyBinding("log.all", "0", "window(0)", "All", "All times, and what was cleared", _LV),
    KeyBinding("log.window_1", "1", "window(1)", "1m", "Only the last minute", _LV),
    KeyBinding("log.window_2", "2", "window(2)", "5m", "Only the last 5 minutes", _LV),
    KeyBinding("log.window_3", "3", "window(3)", "15m", "Only the last 15 minutes", _LV),
    KeyBinding("log.window_4", "4", "window(4)", "1h", "Only the last hour", _LV, 65),
    KeyBinding("log.window_5", "5", "window(5)", "6h", "Only the last 6 hours", _LV),
    KeyBinding("log.window_6", "6", "window(6)", "24h", "Only the last 24 hours", _LV),
    KeyBinding("log.autoscroll", "s", "autoscroll", "Autoscroll", "Follow the newest, or stay whatever comes", _LV, 40),
    KeyBinding("log.wrap", "w", "wrap", "Wrap", "Long lines go on in the next one, or are cut", _LV, 42),
    KeyBinding("log.times", "t", "show_times", "Times", "With times, or without", _LV, 60),
    KeyBinding("log.mark", "m", "mark_log", "Mark", "Draw a line after the newest", _LV, 62),
    KeyBinding("log.clear", "C", "clear_log", "Clear", "Only what comes from now on; 0 shows all again", _LV, 70),
    KeyBinding("log.time", "at", "go_to_time", "Go to", "Go to a time: 12:40, 2d 12:40, 15m", _LV, 35),
    KeyBinding("log.hour_back", "H", "hours(-1)", "Hour back", "An hour back", _LV),
    KeyBinding("log.hour_on", "h", "hours(1)", "Hour on", "An hour on", _LV),
    KeyBinding("log.day_back", "D", "hours(-24)", "Day back", "A day back", _LV),
    KeyBinding("log.day_on", "d", "hours(24)", "Day on", "A day on", _LV),
    KeyBinding("log.save", "S", "save", "Save", "Save these lines as a new file", _LV, 64),
    KeyBinding("details.next", "tab", "next_part", "Next part", "Timeline, attempts, messages, facts", _D, 45),
    KeyBinding("details.previous", "shift+tab", "previous_part", "Previous part", "The part before", _D),
    *(KeyBinding(f"details.part_{n}", f"{n}", f"part({n})", name, f"{name} of the session", _D)
      for n, name in enumerate(("Timeline", "Attempts", "Messages", "Facts"), 1)),
    KeyBinding("gateways.open", "enter", "open", "Open", "One gateway; from there its sessions", _GW, 10),
    KeyBinding("gateways.sync", "s", "sync", "Sync", "Check all of its sessions now", _GW, 20),
    KeyBinding("gateways.sessions", "w", "sessions", "Sessions", "Its sessions", _GW, 30),
    KeyBinding("gateways.log", "l", "log", "Log", "Its log", _GW, 40),
    KeyBinding("gateways.acknowledge", "a", "acknowledge", "Acknowledge",
        "You take care of it until it has been well for a while; again takes that back", _GW, 50),
    KeyBinding("gateways.snooze", "z", "snooze", "Snooze",
        "Quiet it and what is its trouble in its sessions; again ends that at once", _GW, 52),
    KeyBinding("gateways.copy", "c", "copy", "Copy URL", "Copy its URL to the clipboard", _GW),
    KeyBinding("jobs.run", "r,enter", "run", "Run now", "Run it now", _J, 10),
    KeyBinding("messages.open", "enter", "open", "Attempts", "What it was tried through, and what came of it", _MS, 10),
    KeyBinding("messages.session", "d", "details", "Session", "Details of the session it went through", _MS, 20),
    KeyBinding("messages.copy", "c", "copy", "Copy id", "Copy the message's id to the clipboard", _MS),
    KeyBinding("messages.renew", "r", "renew", "Read again", "Read them again", _MS),
    KeyBinding("raw.copy", "c", "copy", "Copy", "Copy all of it to the clipboard", _R, 10),
    KeyBinding("users.open", "enter", "open", "Sessions", "The sessions of the user under the cursor", _U, 10),
    KeyBinding("users.copy", "c", "copy", "Copy id", "Copy the user's id to the clipboard", _U),
    KeyBinding("traffic.filter", "slash", "filter", "Filter", "Only the sessions that have these words", _T, 12),
    KeyBinding("traffic.next", "tab", "next_part", "Next part", "The busiest, the silent, the failing", _T, 11),
    KeyBinding("traffic.previous", "shift+tab", "previous_part", "Previous part", "The part before", _T),
    *(KeyBinding(f"traffic.part_{n}", f"{n}", f"part({n})", name, f"{name}: {what}", _T)
      for n, (name, what) in enumerate((("Busiest", "most messages in the last hour first"),
                                        ("Silent", "longest first, ghosts among them"),
                                        ("Failing", "most failed sends in the last hour first")), 1)),
    KeyBinding("report.save", "S", "save", "Save", "Save it as a new file", _RP, 10),
    KeyBinding("report.copy", "c", "copy", "Copy", "Copy all of it to the clipboard", _RP, 20),
    KeyBinding("report.renew", "r", "renew", "Renew", "Make it again, up to now", _RP, 30),
    KeyBinding("qr.renew", "r", "renew", "Renew", "Ask for a new code, once the shown one has expired", _Q, 20),
    KeyBinding("qr.pair", "p", "pair", "Pairing code",
        "A code to type on the phone instead; again shows the QR code", _Q, 25),
    KeyBinding("qr.save", "w", "save", "Save as PNG", "Save the picture as a PNG file", _Q, 30),
    KeyBinding("help.search", "slash", "search", "Search", "Only what has these words in it, keys and signs", _H, 10),
    KeyBinding("help.signs", "s", "signs", "Signs", "What the signs mean; again shows the keys", _H, 20),
    KeyBinding("command.complete", "tab", "complete", "Complete", "Complete the word, then the next that fits", _C, 10),
    KeyBinding("command.down", "down", "down", "Next", "Down in the menu, or to a later command", _C),
    KeyBinding("command.up", "up", "up", "Previous", "Up in the menu, or to an earlier command", _C, 20),
    KeyBinding("command.cancel", "escape", "cancel", "Cancel", "Close the command line", _C, 30),
    KeyBinding("dialog.cancel", "escape", "cancel", "Cancel", "Close without doing anything", _A, 10),
    KeyBinding("dialog.next", "tab,down", "app.focus_next", "Next", "Next field", _A, 20),
    KeyBinding("dialog.previous", "shift+tab,up", "app.focus_previous", "Previous", "Previous field", _A),
    KeyBinding("question.yes", "y", "yes", "Yes", "Yes; where a number is asked for, that number is the answer", _Y),
    KeyBinding("named.view_0", "0", "view(0)", "All", "Every session, trouble first", _NV),
    *(KeyBinding(f"named.view_{n}", f"{n}", f"view({n})", f"View {n}", f"The named view {n}", _NV)
      for n in range(1, 10)),
    KeyBinding("stopped.retry", "r", "retry", "Try again", "Try again", _N, 10),
)  # fmt: skip

CHANGING = frozenset({
    "session.reconnect", "session.send", "session.edit", "session.snooze", "session.acknowledge",
    "session.disconnect", "session.restart", "session.logout", "session.delete", "sessions.new", "qr.renew", "qr.pair",
    "gateways.acknowledge", "gateways.snooze",
})  # fmt: skip
"""Ids of the keys that change something: read-only, all of them are refused, and those that only look are not."""

KEPT_HERE = frozenset({
    "session.edit", "session.snooze", "session.acknowledge", "sessions.new",
    "gateways.acknowledge", "gateways.snooze",
})  # fmt: skip
"""Those of them that a session's gateway does not mind being read-only; a new session's is chosen in its form."""

NEEDED: dict[str, Capability] = {
    "session.disconnect": Capability.STOP,
    "session.restart": Capability.RESTART,
    "session.logout": Capability.LOGOUT,
}
"""What a gateway must be able to do for a key, by its id: else the key bar does not offer it."""

TOGETHER: tuple[tuple[Context, ...], ...] = (
    (_E, _V, _S, _ONE, _DO, _M, _O, _G),
    (_E, _V, _S, _ONE, _DO, _M, _O, _L),
    (_E, _V, _ONE, _DO, _D, _L),
    (_E, _V, _ONE, _DO, _D, _G),
    (_E, _V, _ONE, _DO, _G),
    (_E, _V, _LV, _L),
    (_E, _V, _GW, _G),
    (_E, _V, _J, _G),
    (_E, _V, _MS, _G),
    (_E, _V, _R, _L),
    (_E, _V, _RP, _L),
    (_E, _V, _U, _G),
    (_E, _V, _ONE, _DO, _T, _G),
    (_E, _V, _Q),
    (_E, _V, _H),
    (_E, _V, _N),
    (_C,),
    (_A, _Y),
    (_A, _NV),
)
"""Contexts whose keys work at the same time: in each of these lists a key has one meaning."""


def keys_of(context: Context, keymap: Keymap | None = None) -> list[KeyBinding]:
    """The table's keys of one context, in its order, as a keymap has them."""
    return [key for key in table(keymap) if key.context is context]


def table(keymap: Keymap | None = None) -> tuple[KeyBinding, ...]:
    """All keys as a keymap has them; ids that it does not name keep theirs."""
    if not keymap:
        return KEYS
    return tuple(replace(key, keys=named(keymap[key.id])) if key.id in keymap else key for key in KEYS)


def named(keys: str) -> str:
    """Return keys as Textual names them: ``/`` and ``esc`` are ``slash`` and ``escape`` to it."""

    from textual.binding import Binding

    found = [word.strip() for word in keys.split(",") if word.strip()] or ["comma"]
    # A binding that is made has the name of a key that is given as its letter.
    made = Binding.make_bindings(Binding(_NAMES.get(word, word), "") for word in found)
    return ",".join(binding.key for binding in made)


_NAMES = {shown: name for name, shown in SHOWN.items() if len(shown) > 1} | {"pgdown": "pagedown"}


def bar(
    *contexts: Context, keymap: Keymap | None = None, refused: frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    """Keys and labels for the key bar, first things first, without those that are ``refused``."""
    ranked = [key for context in contexts for key in keys_of(context, keymap) if key.rank is not None]
    ranked = [key for key in ranked if key.id not in refused]
    ranked.sort(key=lambda key: key.rank or 0)
    return [(key.first, key.label) for key in ranked]


KeyNames = Mapping[str, str]
"""What to press, by id, for what a screen says of keys; an id that is refused now is missing."""


def key_names(keymap: Keymap | None = None, refused: frozenset[str] = frozenset()) -> KeyNames:
    """Return what to press for each id as a keymap has it, without those that are ``refused``."""
    return {key.id: key.first for key in table(keymap) if key.id not in refused}


KEY_NAMES = key_names()
"""The table's own."""
