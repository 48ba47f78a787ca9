"""What the monitor says, in words; nothing here draws."""
