"""Scanners' hours: the week as it is, the hours they usually work, single days, and where a van will be.

Others may call `actions.make_ahead`, which keeps sessions made ahead.
"""
