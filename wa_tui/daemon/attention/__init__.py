"""What needs a person, and what to do about it."""
