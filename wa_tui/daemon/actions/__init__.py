"""Actions: the only way to change anything from outside (design §5)."""

from .desk import ActionDesk
from .plan import Ended, Refusal

__all__ = ["ActionDesk", "Ended", "Refusal"]
