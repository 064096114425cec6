"""Questions the catalogue answers."""
