"""What names users, sessions, gateways and recipients."""
