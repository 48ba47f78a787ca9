"""The filter language for sessions and events: the monitor, the command line and the API take the same words."""
