"""`apply`: the only code that changes a session or a gateway (design §3, rules 1-8)."""

from __future__ import annotations

from typing import Protocol

from .actions import (
    on_action_accepted,
    on_action_ended,
    on_attempted,
    on_described,
    on_gateway_action_accepted,
)
from .checks import on_check_failed, on_checked, on_send_failed, on_webhook_missing
from .facts import (
    ActionAccepted,
    ActionEnded,
    Attempted,
    Authorised,
    Calmed,
    Checked,
    CheckFailed,
    ClockStepped,
    DaemonStarted,
    Described,
    Fact,
    GatewayCalmed,
    GhostFound,
    HealingSaid,
    Healthy,
    HostSlept,
    Listed,
    MessageAcked,
    QrExpired,
    Removed,
    Restored,
    SendFailed,
    SilenceEnded,
    SilenceNoted,
    Unattributed,
    Unhealthy,
    Webhook,
    WebhookMissing,
)
from .gateway import Gateway
from .gateway_health import (
    on_authorised,
    on_gateway_calmed,
    on_healing_said,
    on_healthy,
    on_restored,
    on_unhealthy,
)
from .ghosts import on_ghost_found, on_message_acked, on_silence_ended, on_silence_noted
from .hints import on_hint
from .lists import on_listed
from .registers import SessionKey
from .session import Session
from .stepping import Everything, on_clock_stepped, on_host_slept
from .timers import on_calmed, on_qr_expired, on_removed
from .transition import Transition
from .webhooks import on_daemon_started, on_unattributed, on_webhook


class Known(Everything, Protocol):
    """What `apply` reads: the fleet, or a draft of it."""

    def session(self, key: SessionKey) -> Session | None:
        """Return a session, or ``None`` for one never seen."""
        ...

    def gateway(self, name: str) -> Gateway:
        """Return a gateway's registers; fresh ones for a name never seen."""
        ...


def apply(known: Known, fact: Fact) -> Transition:  # noqa: C901 - one line a fact
    """Return what a fact changes; pure: the same fleet and fact give the same outcome."""
    # Before the table of all facts: webhooks are nearly all that comes, thousands a second.
    if isinstance(fact, Webhook):
        take = on_hint if fact.hint else on_webhook
        return take(
            known.session(SessionKey(fact.gateway, fact.session_id)), known.gateway(fact.gateway), fact
        )
    match fact:
        case Unattributed():
            return on_unattributed(fact)
        case DaemonStarted():
            return on_daemon_started(fact)
        case ClockStepped():
            return on_clock_stepped(known, fact)
        case HostSlept():
            return on_host_slept(fact)
        case HealingSaid():
            return on_healing_said(fact)
        case Healthy():
            return on_healthy(known.gateway(fact.gateway), fact)
        case Unhealthy():
            return on_unhealthy(known.gateway(fact.gateway), fact)
        case Authorised():
            return on_authorised(known.gateway(fact.gateway), fact)
        case Restored():
            return on_restored(known.gateway(fact.gateway), fact)
        case GatewayCalmed():
            return on_gateway_calmed(known.gateway(fact.gateway), fact)
        case ActionAccepted(session_id=""):
            return on_gateway_action_accepted(known.gateway(fact.gateway), fact)
    session = known.session(SessionKey(fact.gateway, fact.session_id))
    match fact:
        case Checked():
            return on_checked(session, fact)
        case CheckFailed():
            return on_check_failed(session, fact)
        case Listed():
            return on_listed(session, fact)
        case MessageAcked():
            return on_message_acked(session, known.gateway(fact.gateway), fact)
        case SilenceNoted():
            return on_silence_noted(session, fact)
        case SilenceEnded():
            return on_silence_ended(session, fact)
        case GhostFound():
            return on_ghost_found(session, fact)
        case WebhookMissing():
            return on_webhook_missing(session, fact)
        case SendFailed():
            return on_send_failed(session, fact)
        case ActionAccepted():
            return on_action_accepted(session, fact)
        case Attempted():
            return on_attempted(session, fact)
        case ActionEnded():
            return on_action_ended(session, fact)
        case QrExpired():
            return on_qr_expired(session, fact)
        case Described():
            return on_described(session, fact)
        case Calmed():
            return on_calmed(session, fact)
        case Removed():
            return on_removed(session, fact)
