"""What may be read of the warehouse."""
