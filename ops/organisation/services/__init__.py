"""Changing the organisation."""
