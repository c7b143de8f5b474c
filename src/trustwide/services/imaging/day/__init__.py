"""The day itself: who came, who is on the scanner, what runs late, and what to do when a scanner is down.

`actions` records each step of a visit; `down` finds everybody affected a new time at any site in one action; `figures`
is what the pages of the day show.
"""
