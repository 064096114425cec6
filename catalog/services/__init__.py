"""The one door through which the catalogue changes."""
