"""Webhooks: whose they are, what they say, and what is refused."""
