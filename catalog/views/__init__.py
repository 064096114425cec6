"""Screens of the catalogue: goods and price changes."""
