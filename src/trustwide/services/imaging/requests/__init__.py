"""A request for an exam, from the letter to the acknowledged report.

`pathway` is the state machine: which event may follow which, who does the next step and by when. `PathwayEvent` rows
are written once and say all that happened; every other column of a request is derived from them. `actions` writes
them, `asking` makes requests and series and finds what was asked for already, `vetting` keeps who justified an exam and
the answers to the safety `questions`, `worklists` says who has what to do, `several` does one step for many.
"""
