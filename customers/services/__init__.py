"""The one door through which the order book changes."""
