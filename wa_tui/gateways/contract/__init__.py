"""The mission's Node service and whatever else keeps its contract (docs/gateways.md)."""
