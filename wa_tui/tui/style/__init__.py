"""How things look: colours, glyphs, columns and rows."""
