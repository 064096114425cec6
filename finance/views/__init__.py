"""Screens of finance."""
