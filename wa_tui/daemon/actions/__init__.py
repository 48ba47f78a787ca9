"""Actions: the only way to change anything from outside (design §5)."""

from .plan import Refusal
from .runner import ActionRunner

__all__ = ["ActionRunner", "Refusal"]
