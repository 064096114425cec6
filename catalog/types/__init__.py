"""What the catalogue hands out and takes in."""
