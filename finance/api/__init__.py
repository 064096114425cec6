"""Finance over REST."""
