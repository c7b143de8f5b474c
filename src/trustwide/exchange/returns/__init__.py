"""National returns: DM01."""
