"""The keys of the monitor: one table of them, and how somebody maps them otherwise."""
