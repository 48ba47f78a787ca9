"""Evolution API 2 (docs/gateways/evolution.md)."""
