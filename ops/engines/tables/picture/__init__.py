"""The child that looks at an uploaded picture; nobody but `tables.pictures` starts it."""
