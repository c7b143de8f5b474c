"""Every number of the group, defined once.

A service lists its measures in its own `measures.py` with `register` and says where their rows come from with
`register_table`; `actions.refresh` then keeps observations and chart summaries in step with those rows.
"""
