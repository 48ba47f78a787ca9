"""Counts of messages, in a file of their own beside the database: damage to it costs the counts alone."""

from .protocol import DamagedCounts as DamagedCounts
from .protocol import ReadOnlyCounts as ReadOnlyCounts
from .protocol import Row as Row
from .protocol import SessionCounts as SessionCounts
from .protocol import TrafficStore as TrafficStore
from .sqlite import open_traffic as open_traffic
