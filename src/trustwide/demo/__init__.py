"""The synthetic group of hospitals that `trustwide demo` shows. Every name and every figure in it is invented.

`actions.build` makes it, `rules` says when it may be made, `figures` what is there already; `group`, `rooms`, `people`
and `lists` describe it; `flows`, `bands` and `returns` work out the monthly returns.
"""
