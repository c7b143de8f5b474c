"""Scanners, their sessions, and appointments in them over all sites and the van.

A session keeps its free time as one row of five-minute cells, so that a search over months reads few rows and two
clerks who take the same minutes at once cannot both succeed. `slots` finds, `actions` books, `calendar` shows the week.
"""
