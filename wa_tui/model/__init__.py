"""What a session is and how facts change it: pure, no I/O and no clock of its own (design §3)."""
