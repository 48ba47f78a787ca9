"""What the columns of each list are called: on the screen and on the command line."""

from __future__ import annotations

from enum import StrEnum


class TrafficColumn(StrEnum):
    """A column of sessions' messages, in the last hour where it says no more; the value is its title."""

    RECEIVED = "IN/H"
    SENT = "OUT/H"
    ACKED = "ACKED/H"
    DELIVERED = "DELIV/H"
    FAILED = "FAILED/H"
    DAY = "IN+OUT/D"
    LAST = "LAST"


class Column(StrEnum):
    """A column; the value is its title."""

    STATUS = "  STATUS"
    INSTANCE = "INSTANCE"
    ID = "ID"
    PHONE = "PHONE"
    USER = "USER"
    GATEWAY = "GATEWAY"
    KIND = "KIND"
    """What its gateway is, where there are two kinds."""
    AGE = "FOR"
    RIBBON = "24 H"
    UPTIME = "UP"
    DROPS = "DROPS"
    PROVEN = "PROVEN"
    USED = "USED"
    RECEIVED = TrafficColumn.RECEIVED.value
    SENT = TrafficColumn.SENT.value
    ACKED = TrafficColumn.ACKED.value
    DELIVERED = TrafficColumn.DELIVERED.value
    FAILED = TrafficColumn.FAILED.value
    TRAFFIC = "TRAFFIC"
    """Both directions over the last 24 h, as bars."""
    LAST = TrafficColumn.LAST.value
    WHY = "WHY"

    @property
    def plain(self) -> str:
        """Its title without what stands before it to leave room for a glyph."""
        return self.value.strip()

    @property
    def typed(self) -> str:
        """Its name as a person types it: ``24h``."""
        return self.plain.lower().replace(" ", "")


class GatewayColumn(StrEnum):
    """A column of the gateways; the value is its title."""

    GATEWAY = "GATEWAY"
    KIND = "KIND"
    STATE = "STATE"
    AGE = "FOR"
    LATENCY = "MS"
    SESSIONS = "SESSIONS"
    CAPACITY = "CAPACITY"
    RESTARTS = "RESTARTS"
    MISSING = "MISSING"
    DRIFT = "DRIFT"
    RATE = "EVENTS/MIN"
    URL = "URL"
    WHY = "WHY"


class JobColumn(StrEnum):
    """A column of the jobs; the value is its title."""

    JOB = "JOB"
    GATEWAY = "GATEWAY"
    EVERY = "EVERY"
    NEXT = "NEXT"
    LAST = "LAST"
    TOOK = "TOOK"
    OUTCOME = "OUTCOME"
    DETAIL = "DETAIL"


class MessageColumn(StrEnum):
    """A column of the messages; the value is its title."""

    WHEN = "WHEN"
    OUTCOME = "OUTCOME"
    RECIPIENT = "RECIPIENT"
    SESSION = "SESSION"
    TRIES = "TRIES"
    WHAT = "WHAT"
    WHO = "WHO"
    TOLD = "TOLD"


COLUMNS: dict[str, Column] = {column.typed: column for column in Column}
"""Columns of the sessions by the name that a person types."""
