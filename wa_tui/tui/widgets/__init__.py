"""The monitor's widgets: what paints the fleet."""
