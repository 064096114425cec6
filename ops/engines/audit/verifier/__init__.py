"""The program an auditor runs: one file that needs nothing of ours.

It has a folder to itself: run beside our modules, it would take `types` and others for Python's.
"""
