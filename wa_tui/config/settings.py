"""All settings, each declared once: its kind with the bounds, its sentence, its variable and its default.

A new setting is one line here, and a reader of the field.
"""

# Without `from __future__ import annotations`: the declarations are read as each program starts, and strings would have
# to be compiled first.

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from wa_tui.identity.kinds import GatewayKind

from . import kinds
from .declaration import Setting, setting, settings_of
from .kinds import Count, Days, Flag, FrameSeconds, Seconds
from .values import GATEWAY_NAME

DEFAULT_URL = "http://localhost:3000"


@dataclass(frozen=True, slots=True)
class NodeService:
    """What the environment says of the gateway ``default``; the names are those that the Node service's users know."""

    url: Annotated[
        kinds.Url | None,
        setting(
            "where the gateway named default listens",
            env="NODE_SERVICE_URL",
            default=f"{DEFAULT_URL} when no gateway is configured",
            toml=False,
        ),
    ] = None
    api_key: Annotated[
        kinds.Key | None,
        setting(
            "the key that the gateway named default takes and sends",
            env="NODE_SERVICE_API_KEY",
            default="generated once, <state_dir>/api-key",
            toml=False,
        ),
    ] = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One gateway; without an ``api_key`` the generated one of the state directory is used (`ensure_key`)."""

    name: Annotated[kinds.GatewayName, setting(f"unique, {GATEWAY_NAME}")]
    url: Annotated[kinds.Url, setting("http:// or https:// and where it listens")]
    api_key: Annotated[
        kinds.Key | None,
        setting(
            "the key that it takes",
            default="as NODE_SERVICE_API_KEY",
            in_file="a file that holds its api_key instead",
        ),
    ] = field(default=None, repr=False)
    webhook_key: Annotated[
        kinds.Key | None, setting("the key that its webhooks carry", default="its api_key")
    ] = field(default=None, repr=False)
    webhook_secret: Annotated[
        kinds.WebhookSecret | None,
        setting(
            "the secret that its webhooks are signed with (Standard Webhooks), `whsec_…`: then none without a "
            "signature is taken in; of gateways that keep the contract",
            default="they are not signed",
        ),
    ] = field(default=None, repr=False)
    kind: Annotated[
        kinds.GatewayKinds,
        setting(
            "what it is: `contract` (the bundled service, and what else keeps its contract), `wwebjs-api`, "
            "`evolution`, `waha`, `wppconnect`, `openwa`, or `auto`: it is asked"
        ),
    ] = str(GatewayKind.CONTRACT)
    read_only: Annotated[Flag, setting("refuse actions on this gateway")] = False
    ca_file: Annotated[
        kinds.FilePath | None, setting("authorities its certificate may be from, besides the system's")
    ] = None
    headers: Annotated[kinds.Headers, setting('for a proxy before it: `headers = { "X-Tenant" = "eu" }`')] = (
        field(default_factory=dict, repr=False)
    )
    basic_user: Annotated[kinds.User | None, setting("the user that a proxy before it asks for")] = None
    basic_password: Annotated[kinds.Password, setting(in_file="a file that holds that user's password")] = (
        field(default="", repr=False)
    )

    @property
    def basic(self) -> tuple[str, str] | None:
        """The user and the password for a proxy before it."""
        return None if self.basic_user is None else (self.basic_user, self.basic_password)


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often the jobs run, and how long a restart's own restoring may pause (design §4)."""

    health: Annotated[
        Seconds, setting("seconds between health checks of a gateway", env="WA_TUI_HEALTH_INTERVAL")
    ] = 10.0
    list_sync: Annotated[
        Seconds,
        setting("seconds between comparisons with a gateway's list", env="WA_TUI_LIST_SYNC_INTERVAL"),
    ] = 15.0
    status_sync: Annotated[
        Seconds,
        setting(
            "seconds in which every wanted session is checked once, at most: small fleets are checked more often",
            env="WA_TUI_STATUS_SYNC_INTERVAL",
        ),
    ] = 300.0
    qr_expiry: Annotated[
        Seconds, setting("seconds between looks for expired QR codes", env="WA_TUI_QR_EXPIRY_INTERVAL")
    ] = 60.0
    cleanup: Annotated[
        Seconds,
        setting("seconds between clean-ups of old sessions and events", env="WA_TUI_CLEANUP_INTERVAL"),
    ] = 86_400.0
    restore_grace: Annotated[
        Seconds,
        setting(
            "seconds without progress after which a restarted gateway's own restoring counts as done",
            env="WA_TUI_RESTORE_GRACE_INTERVAL",
        ),
    ] = 45.0


@dataclass(frozen=True, slots=True)
class Healing:
    """How sessions that dropped are brought back (design §4)."""

    enabled: Annotated[
        Flag,
        setting("bring back by itself what dropped; without it a person reconnects", env="WA_TUI_HEALING"),
    ] = True
    # Each start is a browser. The one more is a person's, who does not wait for healing.
    at_once: Annotated[
        Count,
        setting(
            "clients started at once on a gateway; a person's may be one more", env="WA_TUI_HEALING_AT_ONCE"
        ),
    ] = 4
    backoff_min: Annotated[
        Seconds,
        setting(
            "seconds within which the first attempt starts, doubled after each that fails",
            env="WA_TUI_HEALING_BACKOFF_MIN",
        ),
    ] = 5.0
    backoff_max: Annotated[
        Seconds,
        setting("the longest wait between two attempts, in seconds", env="WA_TUI_HEALING_BACKOFF_MAX"),
    ] = 300.0
    attempts_per_hour: Annotated[
        Count,
        setting(
            "attempts a session and hour; then a person is called", env="WA_TUI_HEALING_ATTEMPTS_PER_HOUR"
        ),
    ] = 12
    flapping_drops: Annotated[
        Count,
        setting(
            "a session that drops more often than this within the window is flapping",
            env="WA_TUI_HEALING_FLAPPING_DROPS",
        ),
    ] = 5
    flapping_window: Annotated[
        Seconds,
        setting("the window in which drops are counted, in seconds", env="WA_TUI_HEALING_FLAPPING_WINDOW"),
    ] = 600.0
    breaker_failures: Annotated[
        Count,
        setting(
            "sessions in a row that do not start, after which healing pauses on a gateway",
            env="WA_TUI_HEALING_BREAKER_FAILURES",
        ),
    ] = 5
    breaker_pause: Annotated[
        Seconds,
        setting(
            "the first such pause, in seconds; each next one is longer", env="WA_TUI_HEALING_BREAKER_PAUSE"
        ),
    ] = 60.0
    stuck: Annotated[
        Seconds,
        setting(
            "seconds a client may start, or leave checks unanswered, before it is started anew",
            env="WA_TUI_HEALING_STUCK",
        ),
    ] = 180.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is asked about the messages that go through sessions; nothing of what they say is ever read."""

    messages: Annotated[
        Flag,
        setting(
            "have `gateways setup` ask gateways of the other kinds for webhooks about messages too, to count them",
            env="WA_TUI_TRAFFIC_MESSAGES",
        ),
    ] = True
    server_check: Annotated[
        Flag,
        setting(
            "ask WhatsApp's server about a session that is strangely silent, where its gateway can: its own number is"
            " looked up",
            env="WA_TUI_TRAFFIC_SERVER_CHECK",
        ),
    ] = True


@dataclass(frozen=True, slots=True)
class Hooks:
    """Programs of the operator's that the daemon runs: each is a program and its arguments, run without a shell."""

    needs: Annotated[
        kinds.Command,
        setting(
            "a program and its arguments, told what begins to need a person and when that ends: "
            '`["/usr/local/bin/page", "ops"]`; the variable is such a list as JSON, or the program alone',
            env="WA_TUI_HOOKS_NEEDS",
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class Ui:
    """How the monitor looks and calls; nothing of it concerns the daemon."""

    theme: Annotated[
        kinds.Theme,
        setting(
            "the monitor's colours: dark, light, dark-colorblind, light-colorblind, or ansi (the terminal's own)",
            env="WA_TUI_THEME",
        ),
    ] = "dark"
    ascii: Annotated[
        kinds.FlagOrAuto,
        setting(
            "draw with ASCII characters alone",
            env="WA_TUI_ASCII",
            default="true where the locale is not UTF-8",
        ),
    ] = None
    mouse: Annotated[
        Flag, setting("take clicks and the wheel; false leaves them to the terminal", env="WA_TUI_MOUSE")
    ] = True
    bell: Annotated[Flag, setting("ring when something begins to need a person", env="WA_TUI_BELL")] = True
    quiet_hours: Annotated[
        kinds.Hours | None,
        setting('when not to ring, in local time: `"22:00-07:00"`', env="WA_TUI_QUIET_HOURS"),
    ] = None
    # Raised with the bell, and also where the bell is off.
    notify: Annotated[
        kinds.Notices,
        setting(
            "a desktop notice besides, raised by the terminal: off, osc9 or osc777 (in tmux needs allow-passthrough)",
            env="WA_TUI_NOTIFY",
        ),
    ] = "off"
    window_title: Annotated[
        Flag,
        setting(
            "have the window's title say how it stands: `wa-tui prod · 17 need you`",
            env="WA_TUI_WINDOW_TITLE",
        ),
    ] = True
    interval: Annotated[
        FrameSeconds,
        setting("seconds between two frames with data, at least", env="WA_TUI_FRAME_INTERVAL"),
    ] = 0.25
    header_messages: Annotated[
        Flag,
        setting(
            "have the header sum the messages of the last hour, where there is room",
            env="WA_TUI_HEADER_MESSAGES",
        ),
    ] = False
    wide: Annotated[Flag, setting("begin with every column (`w`)", env="WA_TUI_WIDE")] = False
    view: Annotated[
        kinds.Text,
        setting(
            "what to begin with: a named view, `all`, `gateways`, `needs` …, or `last`: with the last filter",
            env="WA_TUI_VIEW",
            default="where the last monitor ended",
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """A named view of the sessions; the monitor knows its orders and columns, and checks them."""

    name: str
    filter: Annotated[
        kinds.Text,
        setting(
            'of a view with a name, `[views.qr]`, for `:view qr` and `v` with its digit: `"status:qr gateway:eu-1"`'
        ),
    ] = ""
    order: Annotated[
        kinds.Text,
        setting('the column that it is sorted by, as `:sort` has them: `"for"`', default="status"),
    ] = ""
    reversed: Annotated[Flag, setting("the other way round")] = False
    columns: Annotated[
        kinds.Words,
        setting(
            '`["status", "instance", "phone"]`: in that order, the last ones as far as there is room; '
            "WHY is always there",
            default="what there is room for",
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """A message that one session of ours sends to another again and again, to show that both work."""

    from_: Annotated[
        kinds.SessionName,
        setting('of a `[[canary]]`, which costs a message each time: the session that sends, `"eu-1/ops_1"`'),
    ]
    to: Annotated[kinds.SessionName, setting('the session that receives, never a number: `"eu-2/ops_2"`')]
    every: Annotated[kinds.Pause, setting('how often: `"15m"`', default="15m")] = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that can be set; ``source`` is the file it was read from, if any."""

    source: Annotated[
        kinds.FilePath | None,
        setting(
            "the configuration file",
            env="WA_TUI_CONFIG",
            default="$XDG_CONFIG_HOME/wa_tui/config.toml, else ~/.config/wa_tui/config.toml",
            toml=False,
        ),
    ] = None
    listen: Annotated[
        kinds.Address,
        setting(
            "host:port of the webhook receiver and of the API over TCP; localhost is 127.0.0.1 and ::1",
            env="WA_TUI_LISTEN",
        ),
    ] = ("localhost", 8000)
    state_dir: Annotated[
        kinds.FilePath,
        setting(
            "the database, the generated keys and the log; one daemon per directory",
            env="WA_TUI_STATE_DIR",
            default="$XDG_STATE_HOME/wa_tui, else ~/.local/state/wa_tui",
        ),
    ]
    socket: Annotated[
        kinds.FilePath,
        setting(
            "the daemon's Unix socket, at most 107 bytes long",
            env="WA_TUI_SOCKET",
            default="<state_dir>/wa_tui.sock",
        ),
    ]
    socket_group: Annotated[
        kinds.Text | None, setting("a group that may use the socket too", env="WA_TUI_SOCKET_GROUP")
    ] = None
    # Without one the generated one is used (`ensure_control_key`).
    api_key: Annotated[
        kinds.Key | None,
        setting(
            "the key of the API over TCP",
            env="WA_TUI_API_KEY",
            default="generated once, <state_dir>/control-key",
        ),
    ] = field(default=None, repr=False)
    tls_cert: Annotated[
        kinds.FilePath | None,
        setting(
            "a PEM file with the certificate that the daemon shows over TCP, and those of who signed it; with tls_key",
            env="WA_TUI_TLS_CERT",
        ),
    ] = None
    tls_key: Annotated[
        kinds.FilePath | None,
        setting("a PEM file with that certificate's key, which others may not read", env="WA_TUI_TLS_KEY"),
    ] = None
    tls_ca: Annotated[
        kinds.FilePath | None,
        setting(
            "authorities that the certificate of an attached daemon may be from, besides the system's",
            env="WA_TUI_TLS_CA",
        ),
    ] = None
    hosts: Annotated[
        kinds.Words,
        setting(
            "names by which the daemon is asked without a key, besides `localhost`, this host's name and its addresses",
            env="WA_TUI_HOSTS",
        ),
    ] = ()
    read_only: Annotated[
        Flag, setting("refuse every action that changes something", env="WA_TUI_READ_ONLY")
    ] = False
    title: Annotated[
        kinds.Title,
        setting("what the monitor's header calls it", env="WA_TUI_TITLE", default="the host's name"),
    ] = ""
    intervals: Intervals = field(default_factory=Intervals)
    healing: Healing = field(default_factory=Healing)
    traffic: Traffic = field(default_factory=Traffic)
    retention_days: Annotated[Days, setting("days that events are kept", env="WA_TUI_RETENTION_DAYS")] = 30
    offline_days: Annotated[
        Days,
        setting("days after which an offline or never paired session is removed", env="WA_TUI_OFFLINE_DAYS"),
    ] = 7
    hooks: Hooks = field(default_factory=Hooks)
    ui: Ui = field(default_factory=Ui)
    keys: Annotated[
        kinds.Remaps,
        setting('other keys by a binding\'s id: `sessions.sync = "Y"`', default="`wa-tui keys` lists them"),
    ] = field(default_factory=dict)
    views: tuple[ViewConfig, ...] = ()
    canary: tuple[CanaryConfig, ...] = ()
    gateways: tuple[GatewayConfig, ...]
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The names of what was set, by the file or the environment."""

    def is_read_only(self, gateway: str) -> bool:
        """Tell whether a gateway's actions are refused; the daemon itself may be read-only besides."""
        return any(each.read_only for each in self.gateways if each.name == gateway)

    @property
    def database(self) -> Path:
        """The embedded store's file."""
        return self.state_dir / "wa_tui.db"

    @property
    def scheme(self) -> str:
        """How the daemon is reached over TCP."""
        return "http" if self.tls_cert is None else "https"

    @property
    def traffic_database(self) -> Path:
        """The file of the counts of messages."""
        return self.state_dir / "traffic.db"


SETTINGS: tuple[Setting, ...] = (*settings_of(NodeService, "node_service"), *settings_of(Config))
"""Every setting, in the order of the documentation; the loader knows no others."""
