"""What names a user, a session, a gateway or a recipient: parsed, never stripped. Imports nothing of ours."""
