"""Numbers as Prometheus reads them. Its library is loaded with the first of them: most daemons are never scraped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wa_tui.wire import Condition

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a job; ``None``: it has had none. ``gateway`` is empty for one of the whole daemon."""

    name: str
    gateway: str
    seconds: float | None
    late_s: float | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told, as it was at one instant; never anything by session."""

    version: str
    sessions: Mapping[str, Mapping[Condition, int]]
    """By gateway and condition."""
    needing: Mapping[str, int]
    """Sessions that need a person, by whether they call one: the words are those of `Counts`."""
    gateways: Mapping[str, str]
    """Their states."""
    transitions: Mapping[tuple[str, str], int]
    webhooks: Mapping[tuple[str, str], int]
    waiting: int
    takes_writes: bool
    attention: Mapping[str, int]
    """Why the daemon itself needs a person, by code."""
    jobs: Sequence[LastRun]


def written(figures: Figures) -> tuple[bytes, str]:
    """Return the numbers in Prometheus' text format, and its media type; for a thread."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(figures))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Families:
    """Collects the families of some figures."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield each family once."""
        yield from _fleet(self._figures)
        yield from _counted(self._figures)
        yield from _jobs(self._figures.jobs)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, numbers: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    """Return a family with its numbers, each with the values of its labels."""
    for values, number in numbers:
        family.add_metric(values, number)
    return family


def _fleet(figures: Figures) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge

    build = Gauge("wa_tui_build_info", "The daemon that answers.", labels=["version"])
    yield _filled(build, [((figures.version,), 1)])
    sessions = Gauge(
        "wa_tui_sessions", "Sessions by what they are shown as.", labels=["gateway", "condition"]
    )
    conditions = (
        ((gateway, str(condition)), number)
        for gateway, counted in figures.sessions.items()
        for condition, number in counted.items()
    )
    yield _filled(sessions, conditions)
    needing = Gauge(
        "wa_tui_sessions_needing_person",
        "Sessions that need a person; those that are not calling were snoozed, acknowledged or covered.",
        labels=["quiet"],
    )
    yield _filled(needing, (((quiet,), number) for quiet, number in figures.needing.items()))
    gateways = Gauge("wa_tui_gateway_state", "1 for the state of each gateway.", labels=["gateway", "state"])
    yield _filled(gateways, ((standing, 1) for standing in figures.gateways.items()))
    attention = Gauge("wa_tui_daemon_attention", "Why the daemon itself needs a person.", labels=["code"])
    yield _filled(attention, (((code,), number) for code, number in figures.attention.items()))


def _counted(figures: Figures) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily as Counter
    from prometheus_client.core import GaugeMetricFamily as Gauge

    transitions = Counter(
        "wa_tui_transitions", "Sessions that came into a status.", labels=["gateway", "status"]
    )
    yield _filled(transitions, figures.transitions.items())
    webhooks = Counter("wa_tui_webhooks", "Webhooks by what became of them.", labels=["gateway", "outcome"])
    yield _filled(webhooks, figures.webhooks.items())
    yield Gauge("wa_tui_recorder_queue_entries", "Entries that wait for the store.", figures.waiting)
    yield Gauge("wa_tui_store_takes_writes", "1 unless the last commit failed.", figures.takes_writes)


def _jobs(jobs: Sequence[LastRun]) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge

    labels = ["job_name", "gateway"]
    seconds = Gauge("wa_tui_job_last_duration_seconds", "How long the last run took.", labels=labels)
    late = Gauge("wa_tui_job_late_seconds", "For how long the next run is due.", labels=labels)
    failed = Gauge("wa_tui_job_last_failed", "1 if the last run failed.", labels=labels)
    for job in jobs:
        if job.seconds is not None and job.late_s is not None:
            seconds.add_metric([job.name, job.gateway], job.seconds)
            late.add_metric([job.name, job.gateway], job.late_s)
            failed.add_metric([job.name, job.gateway], job.failed)
    yield from (seconds, late, failed)
