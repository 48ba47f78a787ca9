"""Commands: one table of what can be typed after ``:`` and chosen in the palette."""
