"""Work screens of the warehouse."""
