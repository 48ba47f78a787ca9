"""The handover: what was down, who did what, what needed a person, what is open now; made from what a daemon stores."""

from __future__ import annotations

from .making import Source, make_report
from .markdown import markdown
from .report import Report

__all__ = ["Report", "Source", "make_report", "markdown"]
