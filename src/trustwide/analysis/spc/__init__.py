"""Statistical process control."""
