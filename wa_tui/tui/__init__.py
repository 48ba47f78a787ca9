"""The monitor: a terminal client of the daemon."""
