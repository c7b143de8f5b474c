"""Signals: what changed more than chance explains, one for each pattern, told to whom it concerns.

`actions.track` opens, grows and closes them as charts are judged; people snooze, assign and subscribe. `ranking` says
which come first, `explanation` says what is known about one, `digests` sends what is new by e-mail.
"""
