"""The flow of patients inside a department: who waits where, for what, and what a layout would change."""
