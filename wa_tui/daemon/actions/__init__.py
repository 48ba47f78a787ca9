"""Actions: the only way to change anything from outside (design §5)."""

from .desk import ActionDesk
from .plan import Refusal

__all__ = ["ActionDesk", "Refusal"]
