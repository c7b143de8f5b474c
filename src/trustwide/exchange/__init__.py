"""The only code that speaks a wire format."""
