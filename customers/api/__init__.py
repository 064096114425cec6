"""Customers and orders over REST."""
