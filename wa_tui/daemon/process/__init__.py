"""The process around the daemon: its lock, its log, its sockets, and what runs beside it."""
