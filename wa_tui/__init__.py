"""A terminal monitor for WhatsApp gateways: the daemon that keeps them in sync, and the screen on it."""

__version__ = "0.1.0"
