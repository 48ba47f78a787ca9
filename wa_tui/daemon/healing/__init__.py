"""Healing: brings back what dropped, as often and as fast as is good for it, and calls a person for the rest."""

from .healer import Healer

__all__ = ["Healer"]
