"""The warehouse over HTTP."""
