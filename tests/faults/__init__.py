"""Faults on purpose: processes killed, the broker taken away, while clients write."""
