"""Arithmetic and policy of the catalogue, without a database."""
