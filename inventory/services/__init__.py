"""Services of the warehouse: the only doors by which stock changes."""
