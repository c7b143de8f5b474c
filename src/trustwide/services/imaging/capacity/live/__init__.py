"""A service described from what is happening now: this week's list, the scanners' hours and the rates of late.

`from_live` in `description` is what others call; each figure comes with a note that says where it is from.
"""
