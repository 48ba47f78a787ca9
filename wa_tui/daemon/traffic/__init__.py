"""Counts of messages: taken in by the thousands, summed by session and minute, told once a minute."""

from .collector import Traffic as Traffic
