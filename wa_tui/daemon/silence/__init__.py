"""Sessions that say connected and do nothing: silences are compared with what is usual, and looked into."""

from .watch import SilenceWatch

__all__ = ["SilenceWatch"]
