"""WAHA, the WhatsApp HTTP API (docs/gateways/waha.md)."""
