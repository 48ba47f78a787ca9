"""OpenWA (rmyndharis/OpenWA), from its published API alone: no server of it was ever asked."""
