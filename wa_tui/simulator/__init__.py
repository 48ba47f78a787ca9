"""Gateways of their own process that misbehave on demand: one engine, and a face for each kind."""
