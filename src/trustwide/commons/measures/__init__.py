"""Every number of the group, defined once."""
