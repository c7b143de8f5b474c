"""The waiting list: clocks by dated rules, who will breach and what is done about it, and the monthly return.

`clocks` derives both waits of a request from its events; `reconcile` holds the list against a submitted return.
"""
