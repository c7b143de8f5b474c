"""A log line never quotes the row that caused an error."""

import io
import logging

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
