"""What the daemon does by itself, periodically and on events (design §4)."""
