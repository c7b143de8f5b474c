"""Layouts of a department, described by a file, and where patients queue in them."""
