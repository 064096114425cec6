"""The company driven by chance, beside a model of plain arithmetic (R8)."""
