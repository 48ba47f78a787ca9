"""The one way in, and how committed changes reach the rest of the daemon (design §3)."""
