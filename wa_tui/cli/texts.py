"""The longer texts of ``wa-tui --help``."""

from __future__ import annotations

DESCRIPTION = """\
A monitor for WhatsApp gateways: every session of every gateway live, which of them really work, why the
others do not, and one key to repair them. Without arguments it opens the monitor on the daemon of this
state directory, and starts one when none runs."""
"""What ``wa-tui`` is."""

EPILOG = """\
examples:
  wa-tui                              the monitor
  wa-tui node install && wa-tui up    no Node service yet: install the bundled one, and run it with the monitor
  wa-tui --demo                       the monitor on a simulated fleet; nothing to set up
  wa-tui --daemon                     only receive, sync and restore, in the foreground (systemd, containers)
  wa-tui --attach https://ops:8000    the monitor on a daemon elsewhere (WA_TUI_API_KEY)
  wa-tui status || page-someone       one line of shell that watches
  wa-tui sessions --json | jq -r '.[] | select(.condition != "connected") | .session_id'
  wa-tui reconnect billing_1 eu-2/user_7_instance_3f9c
  wa-tui sessions status:down for:>1h !archive     in the words of the monitor's /
  wa-tui logs -f --session billing_1
  wa-tui logs --since 22:10 --until 23:00 --gateway eu-1 level:trouble
  wa-tui report --since 8h > handover.md    what was down, who did what, what is open now
  wa-tui watch --gateway eu-1         what changes, a line each in plain words: for screen readers and scripts
  wa-tui send --user 7 15550100 "It works"    through that user's primary session, else their next
  wa-tui snooze billing_1 --for 2h    it calls nobody until then, and is healed all the same
  wa-tui snooze eu-1 --for 2h         a planned maintenance of a gateway, its sessions included

exit codes:
  0    done (status: nobody is needed; what is snoozed or taken care of needs nobody)
  1    failed, or not proven (status: something needs a person)
  2    a wrong argument, a name that does not exist (session, gateway, user, job) or a wrong configuration;
       nothing was done
  3    no daemon answers
  4    --daemon: another daemon runs on this state directory
  130  ended by Ctrl-C

environment (wins over the configuration file):
  NODE_SERVICE_URL, NODE_SERVICE_API_KEY   the gateway "default" (http://localhost:3000) and its key
  WA_TUI_CONFIG      the configuration file (~/.config/wa_tui/config.toml)
  WA_TUI_STATE_DIR   database, keys, socket and log (~/.local/state/wa_tui)
  WA_TUI_SOCKET      the daemon's socket (wa_tui.sock in the state directory)
  WA_TUI_LISTEN      where webhooks come in (localhost:8000: both loopbacks)
  WA_TUI_API_KEY     the key of the daemon's API over TCP, served or attached to
  WA_TUI_READ_ONLY   1: refuse all but safe actions
  WA_TUI_TITLE       names this installation on the screen (prod)
  WA_TUI_{HEALTH,LIST_SYNC,STATUS_SYNC,QR_EXPIRY,CLEANUP}_INTERVAL   seconds between the daemon's jobs
  WA_TUI_THEME       the monitor's colours: dark, light, dark-colorblind, light-colorblind, ansi
  WA_TUI_ASCII, WA_TUI_MOUSE, WA_TUI_BELL   1 or 0: draw in ASCII, take the mouse, ring
  WA_TUI_VIEW        what the monitor begins with: a named view, gateways, needs …, last (where it was left)
  WA_TUI_NOTIFY      osc9 or osc777: have the terminal show a notice when somebody begins to need a person (off)
  WA_TUI_WINDOW_TITLE   0: leave the title of the terminal's window alone
  NO_COLOR           no colours
"""
"""Examples, exit codes and the environment."""

SESSION_WORDS = (
    "!not, status: instance: gateway: user: phone: id: reason: kind: for one field, cause:scan_qr for what "
    "holds it in trouble, proof:>=server for how sure that is, "
    "for:>5m proven:>1h used:>2d silent:>30m for an age, 'user:\"A b\"' for exactly that, "
    "and after -f letters in that order"
)
EVENT_WORDS = (
    "!not, source:heal,action gateway: session: kind: level:all|changes|trouble for one field, "
    "cause:conflict for what a session is held by since, 'session:\"A b\"' for exactly that"
)
"""What the filter language knows, for sessions and for events."""
