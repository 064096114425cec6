"""The write doors of the catalogue."""
