"""The keys of the monitor: one table of them, and a person's own mapping."""
