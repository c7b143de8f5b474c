"""Improvement projects: each begins from a signal, with its measure, place and baseline filled in.

`actions.open_project` opens one; its chart is the live chart of its measure, also after it is closed. Nothing below
knows of projects: the page of a signal shows what `apps` registers with it.
"""
