"""Files that people open in a spreadsheet hold what was meant, and nothing runs."""

from __future__ import annotations

import csv
import io

from trustwide.commons.nhsuk.downloads import csv_file


def test_text_that_looks_like_a_formula_does_not_run():
    response = csv_file("a.csv", ["Site", "Gap"], [["=cmd|' /C calc'!A0", -3.5], ["North, East", None]])
    assert response["Content-Disposition"] == 'attachment; filename="a.csv"'
    text = response.content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Site", "Gap"],
        ["'=cmd|' /C calc'!A0", "-3.5"],
        ["North, East", ""],
    ]


def test_excel_is_told_the_encoding():
    assert csv_file("a.csv", ["Ward"], [["Ysbyty Tŷ"]]).content.startswith(b"\xef\xbb\xbf")
