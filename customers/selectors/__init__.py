"""Questions the order book answers."""
