"""Who asks, and what for: callers by their key, or by the user at the other end of the socket."""

from .caller import Caller, Subject
from .keys import ApiKeys, KeyRefusal

__all__ = ["ApiKeys", "Caller", "KeyRefusal", "Subject"]
