"""Small numbers: which counts of a table to hide, so that nobody can be recognised, not even by adding and subtracting.

Make a table (`listed`, `grouped`, `crossed`, or `shares` of two such), `suppress` it under a `Rule`, and print
`Suppressed.shown`. `audit` says what a reader can work out from any table with any cells hidden.
"""

from trustwide.analysis.disclosure.attack import audit
from trustwide.analysis.disclosure.model import Audit, DisclosureError, Rule, Split, Sum, Suppressed, Table
from trustwide.analysis.disclosure.suppression import suppress
from trustwide.analysis.disclosure.tables import crossed, grouped, listed, shares

__all__ = [
    "Audit",
    "DisclosureError",
    "Rule",
    "Split",
    "Sum",
    "Suppressed",
    "Table",
    "audit",
    "crossed",
    "grouped",
    "listed",
    "shares",
    "suppress",
]
