"""Compliance over REST: the clauses, the audit trail with its anchors and bundles."""
