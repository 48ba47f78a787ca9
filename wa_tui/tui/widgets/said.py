"""Labels that are as high as what they say."""

from __future__ import annotations

from textual.visual import VisualType
from textual.widgets import Static


def say(label: Static, content: VisualType) -> None:
    """Change a label's text, and lay it out anew for that."""
    label.update(content)
    # Laid out between two updates that it has not got round to, a label would keep the height of the first.
    label.call_after_refresh(label.refresh, layout=True)
