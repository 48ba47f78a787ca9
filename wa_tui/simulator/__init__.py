"""A gateway of its own process that keeps the Node service contract and misbehaves on demand."""
