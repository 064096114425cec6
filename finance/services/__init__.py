"""The one door through which finance writes."""
