"""Screens of compliance: the clauses with their proof, and the trail."""
