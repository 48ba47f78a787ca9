"""The daemon's jobs: when each ran, what came of it, when it runs next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.text.ages import age, ahead, since
from wa_tui.text.cells import NONE, fit
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import JobColumn
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Ask
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.facts import ago
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Column, Field, fact_lines
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.sheet import Sheet
from wa_tui.tui.widgets.table import Table
from wa_tui.wire import ActionRequest, JobView, SessionKey

JobKey = tuple[str, str | None]

_COLUMNS = (
    Column(JobColumn.JOB, 22, most=32),
    Column(JobColumn.GATEWAY, 8, most=12, shed=5),
    Column(JobColumn.EVERY, 6, shed=1),
    Column(JobColumn.NEXT, 6, shed=3),
    Column(JobColumn.LAST, 6, shed=4),
    Column(JobColumn.TOOK, 7, shed=2, right=True),
    Column(JobColumn.OUTCOME, 8),
    Column(JobColumn.DETAIL, 18, most=None),
)


class JobsScreen(ViewScreen):
    """One row a job; below the whole of what the one under the cursor said last."""

    AUTO_FOCUS = "Table"
    BINDINGS = bindings(Context.JOBS)
    CONTEXTS = (Context.JOBS,)
    TROUBLED = "failed"
    DEFAULT_CSS = """
    JobsScreen Sheet { padding: 0 2; max-height: 40%; border-top: solid $quiet; }
    JobsScreen.-tiny Sheet { display: none; }
    """

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("jobs"))
        self._table: Table[JobKey, JobView] = Table(_COLUMNS, self._cell)
        self._sheet = Sheet()

    def body(self) -> Iterable[Widget]:
        """Return the jobs, and the one under the cursor."""
        return (
            self._table,
            self._sheet,
        )

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the rows up to date."""
        jobs = self.monitor.state.jobs
        failed = {key for key, job in jobs.items() if job.outcome == "failed"}
        self._table.show(dict(sorted(jobs.items(), key=lambda item: (item[0][0], item[0][1] or ""))), failed)
        self._table.say("no jobs are known yet")
        said = f"· {len(jobs)}" + (f" · {len(failed)} failed" if failed else "")
        self.entitle("Jobs", said)
        self._show_one()

    def _show_one(self) -> None:
        self._sheet.show(self._lines)

    def _lines(self, width: int) -> list[Pieces]:
        job = self._table.cursor_row
        if job is None:
            return [()]
        now, iso = self.monitor.state.now, self.monitor.iso_times
        run = f"{ago(job.last_at, now, iso)} · took {_took(job)}" if job.last_at else "not yet"
        facts = [
            Field("Job", f"{job.name}{f' on {job.gateway}' if job.gateway else ''}", Ink.BRIGHT, bold=True),
            Field("Last run", run),
            Field("It said", job.detail or NONE, Ink.RED if job.outcome == "failed" else Ink.TEXT),
        ]
        return fact_lines(facts, width)

    def _cell(self, job: JobView, title: str, width: int) -> Pieces:
        now = self.monitor.state.now
        match title:
            case JobColumn.JOB:
                return (Piece(fit(job.name, width), Ink.BRIGHT),)
            case JobColumn.GATEWAY:
                return (Piece(fit(job.gateway or NONE, width), Ink.TEXT if job.gateway else Ink.QUIET),)
            case JobColumn.EVERY:
                return (Piece(_every(job.interval_s), Ink.QUIET),)
            case JobColumn.NEXT:
                return (Piece(_next(job, now)),)
            case JobColumn.LAST:
                return (Piece(since(job.last_at, now)),)
            case JobColumn.TOOK:
                return (Piece(_took(job), Ink.QUIET),)
            case JobColumn.OUTCOME:
                return (_outcome(job),)
        return (Piece(clean(job.detail), Ink.RED if job.outcome == "failed" else Ink.QUIET),)

    def on_table_highlighted(self) -> None:
        """What it said follows the cursor."""
        self._show_one()

    def action_run(self) -> None:
        """Run the job under the cursor now."""
        job = self._table.row_aimed_at
        if job is None:
            self.say("run: no job is under the cursor", "warn")
            return
        subject = f"{job.name}{f' on {job.gateway}' if job.gateway else ''}"
        request = ActionRequest(action="run_job", job=job.name, gateway=job.gateway)
        self.post(Ask(request, subject, f"run {subject}", doubt=self._table.doubt, verb="Run"))


def _every(seconds: float) -> str:
    return f"{seconds:.3g}s" if seconds < 60 else age(seconds)


def _next(job: JobView, now: datetime) -> str:
    if job.next_at is None:
        return NONE
    # Ages are counted to the minute that has begun: what runs every 10 s would be due in a minute.
    due = min(job.next_at, now + timedelta(seconds=job.interval_s))
    return ahead(due, now).removeprefix("in ")


def _took(job: JobView) -> str:
    if job.duration_ms is None:
        return NONE
    return f"{job.duration_ms} ms" if job.duration_ms < 1000 else f"{job.duration_ms / 1000:.1f} s"


def _outcome(job: JobView) -> Piece:
    if job.outcome is None:
        return Piece("… none", Ink.QUIET)
    if job.outcome == "ok":
        return Piece("✓ ok", Ink.GREEN)
    return Piece(f"✖ {clean(job.outcome)}", Ink.RED, bold=True)
