"""Screens of the organisation: people, duties, reviews, one's own account."""
