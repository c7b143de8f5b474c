"""Request-level extracts of radiology systems: how their columns and codes read here, and what came in.

`exchange.activity` reads the files; `actions.import_activity` makes requests, events and appointments of their rows.
"""
