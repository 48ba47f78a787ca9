"""The filter language: which sessions and which events are wanted, as somebody types it anywhere."""
