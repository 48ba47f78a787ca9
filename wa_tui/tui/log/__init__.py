"""What the log is made of: the events that were read, those that are wanted, how far back they go."""
