"""Trustwide: shared services of hospitals that have joined forces, seen, tested and proved in one place."""

__version__ = "0.1.0"
