"""The synthetic group of hospitals that `trustwide demo` shows."""
