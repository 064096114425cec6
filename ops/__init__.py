"""The project: composition root, engines, and the running of the house itself."""
