"""What goes to the terminal: cells that differ from those it shows, no faster than it takes them."""
