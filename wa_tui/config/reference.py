"""The table of all settings: the loader knows no others, and the README's reference is checked against it."""

from __future__ import annotations

from msgspec import Struct

GATEWAY_NAME = "up to 32 of a-z, A-Z, 0-9, dot, - and _, a letter or digit first"
"""What the name of a gateway is made of."""


class Setting(Struct, frozen=True):
    """One setting: its field of `Config`, its variable and TOML key (``None``: has none), and its meaning."""

    name: str
    env: str | None
    toml: str | None
    default: str
    meaning: str


REFERENCE: tuple[Setting, ...] = (
    Setting(
        "gateway default: url",
        "NODE_SERVICE_URL",
        None,
        "http://localhost:3000 when no gateway is configured",
        "where the gateway named default listens",
    ),
    Setting(
        "gateway default: api_key",
        "NODE_SERVICE_API_KEY",
        None,
        "generated once, <state_dir>/api-key",
        "the key that the gateway named default takes and sends",
    ),
    Setting(
        "source",
        "WA_TUI_CONFIG",
        None,
        "$XDG_CONFIG_HOME/wa_tui/config.toml, else ~/.config/wa_tui/config.toml",
        "the configuration file",
    ),
    Setting(
        "listen",
        "WA_TUI_LISTEN",
        "listen",
        "localhost:8000",
        "host:port of the webhook receiver and of the API over TCP; localhost is 127.0.0.1 and ::1",
    ),
    Setting(
        "state_dir",
        "WA_TUI_STATE_DIR",
        "state_dir",
        "$XDG_STATE_HOME/wa_tui, else ~/.local/state/wa_tui",
        "the database, the generated keys and the log; one daemon per directory",
    ),
    Setting(
        "socket",
        "WA_TUI_SOCKET",
        "socket",
        "<state_dir>/wa_tui.sock",
        "the daemon's Unix socket, at most 107 bytes long",
    ),
    Setting(
        "socket_group",
        "WA_TUI_SOCKET_GROUP",
        "socket_group",
        "none",
        "a group that may use the socket too",
    ),
    Setting(
        "api_key",
        "WA_TUI_API_KEY",
        "api_key",
        "generated once, <state_dir>/control-key",
        "the key of the API over TCP",
    ),
    Setting(
        "read_only", "WA_TUI_READ_ONLY", "read_only", "false", "refuse every action that changes something"
    ),
    Setting("title", "WA_TUI_TITLE", "title", "the host's name", "what the monitor's header calls it"),
    Setting(
        "intervals.health",
        "WA_TUI_HEALTH_INTERVAL",
        "intervals.health",
        "10",
        "seconds between health checks of a gateway",
    ),
    Setting(
        "intervals.list_sync",
        "WA_TUI_LIST_SYNC_INTERVAL",
        "intervals.list_sync",
        "15",
        "seconds between comparisons with a gateway's list",
    ),
    Setting(
        "intervals.status_sync",
        "WA_TUI_STATUS_SYNC_INTERVAL",
        "intervals.status_sync",
        "300",
        "seconds in which every wanted session is checked once, at most: small fleets are checked more often",
    ),
    Setting(
        "intervals.qr_expiry",
        "WA_TUI_QR_EXPIRY_INTERVAL",
        "intervals.qr_expiry",
        "60",
        "seconds between looks for expired QR codes",
    ),
    Setting(
        "intervals.cleanup",
        "WA_TUI_CLEANUP_INTERVAL",
        "intervals.cleanup",
        "86400",
        "seconds between clean-ups of old sessions and events",
    ),
    Setting(
        "intervals.restore_grace",
        "WA_TUI_RESTORE_GRACE_INTERVAL",
        "intervals.restore_grace",
        "45",
        "seconds without progress after which a restarted gateway's own restoring counts as done",
    ),
    Setting(
        "healing.enabled",
        "WA_TUI_HEALING",
        "healing.enabled",
        "true",
        "bring back by itself what dropped; without it a person reconnects",
    ),
    Setting(
        "healing.at_once",
        "WA_TUI_HEALING_AT_ONCE",
        "healing.at_once",
        "4",
        "clients started at once on a gateway; a person's may be one more",
    ),
    Setting(
        "healing.backoff_min",
        "WA_TUI_HEALING_BACKOFF_MIN",
        "healing.backoff_min",
        "5",
        "seconds within which the first attempt starts, doubled after each that fails",
    ),
    Setting(
        "healing.backoff_max",
        "WA_TUI_HEALING_BACKOFF_MAX",
        "healing.backoff_max",
        "300",
        "the longest wait between two attempts, in seconds",
    ),
    Setting(
        "healing.attempts_per_hour",
        "WA_TUI_HEALING_ATTEMPTS_PER_HOUR",
        "healing.attempts_per_hour",
        "12",
        "attempts a session and hour; then a person is called",
    ),
    Setting(
        "healing.flapping_drops",
        "WA_TUI_HEALING_FLAPPING_DROPS",
        "healing.flapping_drops",
        "5",
        "a session that drops more often than this within the window is flapping",
    ),
    Setting(
        "healing.flapping_window",
        "WA_TUI_HEALING_FLAPPING_WINDOW",
        "healing.flapping_window",
        "600",
        "the window in which drops are counted, in seconds",
    ),
    Setting(
        "healing.breaker_failures",
        "WA_TUI_HEALING_BREAKER_FAILURES",
        "healing.breaker_failures",
        "5",
        "sessions in a row that do not start, after which healing pauses on a gateway",
    ),
    Setting(
        "healing.breaker_pause",
        "WA_TUI_HEALING_BREAKER_PAUSE",
        "healing.breaker_pause",
        "60",
        "the first such pause, in seconds; each next one is longer",
    ),
    Setting(
        "healing.stuck",
        "WA_TUI_HEALING_STUCK",
        "healing.stuck",
        "180",
        "seconds a client may start, or leave checks unanswered, before it is started anew",
    ),
    Setting("retention_days", "WA_TUI_RETENTION_DAYS", "retention_days", "30", "days that events are kept"),
    Setting(
        "offline_days",
        "WA_TUI_OFFLINE_DAYS",
        "offline_days",
        "7",
        "days after which an offline or never paired session is removed",
    ),
    Setting(
        "hooks.needs",
        "WA_TUI_HOOKS_NEEDS",
        "hooks.needs",
        "none",
        'a program and its arguments, told what begins to need a person and when that ends: `["/usr/local/bin/page", '
        '"ops"]`; the variable is such a list as JSON, or the program alone',
    ),
    Setting(
        "ui.theme",
        "WA_TUI_THEME",
        "ui.theme",
        "dark",
        "the monitor's colours: dark, light, dark-colorblind, light-colorblind, or ansi (the terminal's own)",
    ),
    Setting(
        "ui.ascii",
        "WA_TUI_ASCII",
        "ui.ascii",
        "true where the locale is not UTF-8",
        "draw with ASCII characters alone",
    ),
    Setting(
        "ui.mouse",
        "WA_TUI_MOUSE",
        "ui.mouse",
        "true",
        "take clicks and the wheel; false leaves them to the terminal",
    ),
    Setting("ui.bell", "WA_TUI_BELL", "ui.bell", "true", "ring when something begins to need a person"),
    Setting(
        "ui.quiet_hours", None, "ui.quiet_hours", "none", 'when not to ring, in local time: `"22:00-07:00"`'
    ),
    Setting(
        "ui.notify",
        "WA_TUI_NOTIFY",
        "ui.notify",
        "off",
        "a desktop notice besides, raised by the terminal: off, osc9 or osc777 (in tmux needs allow-passthrough)",
    ),
    Setting(
        "ui.window_title",
        "WA_TUI_WINDOW_TITLE",
        "ui.window_title",
        "true",
        "have the window's title say how it stands: `wa-tui prod · 17 need you`",
    ),
    Setting("ui.interval", None, "ui.interval", "0.25", "seconds between two frames with data, at least"),
    Setting("ui.wide", None, "ui.wide", "false", "begin with every column (`w`)"),
    Setting(
        "ui.view",
        "WA_TUI_VIEW",
        "ui.view",
        "where the last monitor ended",
        "what to begin with: a named view, `all`, `gateways`, `needs` …, or `last`: with the last filter",
    ),
    Setting(
        "keys",
        None,
        "keys",
        "`wa-tui keys` lists them",
        'other keys by a binding\'s id: `sessions.sync = "Y"`',
    ),
    Setting(
        "views",
        None,
        "views.filter",
        "none",
        'of a view with a name, `[views.qr]`, for `:view qr` and `v` with its digit: `"status:qr gateway:eu-1"`',
    ),
    Setting(
        "views",
        None,
        "views.order",
        "status",
        'the column that it is sorted by, as `:sort` has them: `"for"`',
    ),
    Setting("views", None, "views.reversed", "false", "the other way round"),
    Setting(
        "views",
        None,
        "views.columns",
        "what there is room for",
        '`["status", "instance", "phone"]`: in that order, the last ones as far as there is room; WHY is always there',
    ),
    Setting("gateways", None, "gateways.name", "required", f"unique, {GATEWAY_NAME}"),
    Setting("gateways", None, "gateways.url", "required", "http:// or https:// and where it listens"),
    Setting("gateways", None, "gateways.api_key", "as NODE_SERVICE_API_KEY", "the key that it takes"),
    Setting("gateways", None, "gateways.api_key_file", "none", "a file that holds its api_key instead"),
    Setting("gateways", None, "gateways.webhook_key", "its api_key", "the key that its webhooks carry"),
    Setting(
        "gateways",
        None,
        "gateways.ca_file",
        "none",
        "authorities its certificate may be from, besides the system's",
    ),
    Setting(
        "gateways",
        None,
        "gateways.headers",
        "none",
        'for a proxy before it: `headers = { "X-Tenant" = "eu" }`',
    ),
    Setting("gateways", None, "gateways.basic_user", "none", "the user that a proxy before it asks for"),
    Setting(
        "gateways", None, "gateways.basic_password_file", "none", "a file that holds that user's password"
    ),
    Setting("gateways", None, "gateways.read_only", "false", "refuse actions on this gateway"),
)
