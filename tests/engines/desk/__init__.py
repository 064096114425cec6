"""The shell without a browser."""
