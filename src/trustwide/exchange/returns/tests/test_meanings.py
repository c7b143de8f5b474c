from __future__ import annotations

import datetime as dt

import pytest

from trustwide.exchange.returns.meanings import is_total, month_end, parse_month, parse_test, tidy_name
from trustwide.services.imaging.diagnostic_tests import DIAGNOSTIC_TESTS


@pytest.mark.parametrize(
    "text",
    [
        "DM01-SEPTEMBER-2025", "September 2025", "september-2025", "Sept 2025", "Sep-25", "30 September 2025",
        "2025-09-30", "2025-09", "2025/09/30", "2025-09-30 00:00:00", "30/09/2025", "09/2025", " 2025-9-1 ",
    ],
)  # fmt: skip
def test_a_month_in_every_usual_form(text):
    assert parse_month(text) == dt.date(2025, 9, 1)


@pytest.mark.parametrize("text", ["", "2025", "Q2 2025", "31/09/2025", "13/2025", "0000-09", "nine 2025", "2025-09x"])
def test_what_is_no_month(text):
    assert parse_month(text) is None


@pytest.mark.parametrize(("month", "end"), [((2024, 2, 1), 29), ((2025, 2, 1), 28), ((2025, 12, 1), 31)])
def test_month_end(month, end):
    assert month_end(dt.date(*month)).day == end


# as NHS England's files spell them, in the order of the return
PUBLISHED = (
    "MRI", "CT", "NON_OBSTETRIC_ULTRASOUND", "BARIUM_ENEMA", "DEXA_SCAN", "AUDIOLOGY_ASSESSMENTS", "ECHOCARDIOGRAPHY",
    "ELECTROPHYSIOLOGY", "PERIPHERAL_NEUROPHYS", "SLEEP_STUDIES", "URODYNAMICS", "COLONOSCOPY", "FLEXI_SIGMOIDOSCOPY",
    "CYSTOSCOPY", "GASTROSCOPY",
)  # fmt: skip


def test_every_test_under_its_published_name_its_own_and_its_number():
    codes = [test.code for test in DIAGNOSTIC_TESTS]
    assert [parse_test(name, numbered=False) for name in PUBLISHED] == codes
    assert [parse_test(test.name.upper(), numbered=False) for test in DIAGNOSTIC_TESTS] == codes
    assert [parse_test(str(number), numbered=True) for number in range(1, 16)] == codes
    assert (
        parse_test("16", numbered=True) is parse_test("0", numbered=True) is parse_test("PET", numbered=False) is None
    )


def test_totals():
    assert is_total("TOTAL")
    assert is_total("England")
    assert is_total("-")
    assert not is_total("Total Imaging Ltd")


@pytest.mark.parametrize(
    ("published", "tidy"),
    [
        ("MID AND SOUTH ESSEX NHS FOUNDATION TRUST", "Mid and South Essex NHS Foundation Trust"),
        ("THE ROYAL MARSDEN NHS FOUNDATION TRUST", "The Royal Marsden NHS Foundation Trust"),
        ("ST GEORGE'S HOSPITAL", "St George's Hospital"),
        ("Ashford And St Peter'S Hospitals", "Ashford and St Peter's Hospitals"),
        ("InHealth Limited", "InHealth Limited"),
    ],
)
def test_tidy_name(published, tidy):
    assert tidy_name(published) == tidy
