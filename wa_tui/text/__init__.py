"""Text for people and from them: what is foreign in it made safe, durations and moments read and written."""
