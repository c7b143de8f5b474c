"""National returns: DM01.

`read(path)` gives a `Dm01File`: good rows as a data frame, faults as sentences. `history(frame, provider, test)` gives
one series as arrays; `panel` and `histories` give many. `write_rejects(files, path)` writes the rows left out.
"""

from trustwide.exchange.returns.dm01 import COLUMNS, Dm01File, read
from trustwide.exchange.returns.exceptions import Dm01FormatError, UnknownProviderError
from trustwide.exchange.returns.history import history, known_test
from trustwide.exchange.returns.panel import histories, panel
from trustwide.exchange.tables.rejects import Reject, rejects_path, write_rejects

__all__ = [
    "COLUMNS", "Dm01File", "Dm01FormatError", "Reject", "UnknownProviderError", "histories", "history", "known_test",
    "panel", "read", "rejects_path", "write_rejects",
]  # fmt: skip
