"""A log line never quotes the row that caused an error."""

import io
import logging

from trustwide.commons.accounts.tokens import new_key
from trustwide.config.logs import NoValuesFormatter


def test_the_message_of_an_error_is_left_out():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(NoValuesFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    message = "Key (nhs_number)=(9991234567) already exists"
    try:
        raise ValueError(message)
    except ValueError:
        logger.exception("could not save")
    written = stream.getvalue()
    assert "could not save" in written
    assert "ValueError" in written
    assert __name__.rpartition(".")[2] in written
    assert "999" not in written


def test_a_key_in_an_address_is_cut_to_the_part_it_is_known_by():
    token = new_key()
    record = logging.LogRecord("x", logging.WARNING, "", 0, f"Not Found: /api/v1/sites/{token.text}/x", None, None)
    assert NoValuesFormatter("%(message)s").format(record) == f"Not Found: /api/v1/sites/tw_{token.prefix}_.../x"
