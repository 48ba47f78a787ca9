"""Actions: the only way to change anything from outside (design §5)."""

from .plan import Ended, Refusal
from .runner import ActionDesk

__all__ = ["ActionDesk", "Ended", "Refusal"]
