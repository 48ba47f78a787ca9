"""The fleet as monitors see it: views of what there is, its numbers, and what changed, live."""
