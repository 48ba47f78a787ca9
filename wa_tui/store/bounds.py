"""What a stored value may be: SQLite would keep anything, and a disk may change it."""

from __future__ import annotations

from typing import Annotated

import msgspec

LAST_ID = 2**53
"""The store gives no id above it: JSON's numbers end there, and there must be room for the next."""

LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999: no later time can be shown."""

Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Number = Annotated[int, msgspec.Meta(ge=0, le=LAST_ID)]
Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]
"""What is stored as a text is no longer than this; the longest that comes in is a webhook, of half of it."""
