"""What the catalogue refuses."""
