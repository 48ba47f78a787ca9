"""What this process asks of the machine it runs on: descriptors, and the names of processes."""
