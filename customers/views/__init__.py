"""Screens of orders, returns and customers."""
