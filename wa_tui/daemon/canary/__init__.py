"""Canaries: a message between two sessions of ours shows that both work, from end to end; only where asked for."""

from .canary import Canary

__all__ = ["Canary"]
