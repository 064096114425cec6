"""Reading the organisation."""
