"""Where is the pressure? The page answers from what is stored, for the sites of the person who asks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trustwide.commons.measures.models import ChartSummary, Signal
from trustwide.commons.measures.signals import words
from trustwide.commons.measures.signals.figures import signal_rows
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.services.imaging.tests.returns import frame, one_return
from trustwide.services.imaging.tests.stage import STAGE, STEP, import_lists, north_list
from trustwide.web import pressure

HEAD = [
    "Site", "Test", "Over six weeks", "Waiting", "Share over six", "1% target", "The list", "What changed",
    "Change since last month", "Gap, tests a week",
]  # fmt: skip


@pytest.fixture
def lists(cast):
    """The cast, with two years of four lists."""
    import_lists(cast)
    return cast


@pytest.fixture
def chief(lists, client):
    client.force_login(lists.chief)
    return client


def mean_list(months):
    return sum(north_list(when) for when in months) / len(months)


def table(response):
    return Page(response).tables[0]


def test_the_first_line_is_worked_out_from_the_returns(chief):
    before, since = (mean_list(months) for months in (range(STEP), range(STEP, 24)))
    page = Page(chief.get("/"))
    assert (
        "One of your 3 lists has grown beyond its usual variation: MRI at North "
        f"(mean +{since - before:.0f} since May 2025)."
    ) in page.text
    assert page.words.index("Where is the pressure?") >= 0


def test_our_own_come_first_in_it_and_the_others_are_counted(chief):
    text = Page(chief.get("/?where=all")).text
    assert "One of your 3 lists has grown" in text
    assert "MRI at North" in text
    assert "Elsewhere, 1 of 1 have." in text


def test_a_row_for_each_list_most_people_over_six_weeks_first(chief):
    head, *rows = table(chief.get("/"))
    assert head == HEAD
    assert [row[:4] for row in rows] == [
        ["North", "MRI", f"{north_list(23) // 5}", f"{north_list(23)}"],
        ["South", "MRI", "70", "297"],
        ["North", "CT", "12", "297"],
    ]
    grown = rows[0]
    before, since = (mean_list(months) for months in (range(STEP), range(STEP, 24)))
    said = f"Higher than usual since May 2025: mean {since:.0f} against {before:.0f} before"
    assert grown[5:8] == ["Missed", "Concern", said]
    assert grown[8] == f"−{north_list(22) - north_list(23)}"
    # a year before the list was 400 shorter, and a year has 52.18 weeks
    assert grown[9] == f"+{(north_list(23) - north_list(11)) / (365.25 / 7):.0f}"


def test_one_change_has_one_size_here_and_among_the_signals(lists, chief):
    signal = Signal.objects.get(site=lists.north, breakdown="MRI", measure="dm01_waiting_list", closed=None)
    (row,) = signal_rows([signal], lists.chief)
    home = Page(chief.get("/?test=MRI&site=N1"))
    size = words.size(row)
    assert size == "+400 people, very large"
    assert f"(mean {size.split()[0]} since May 2025)" in home.text
    said = home.tables[0][1][HEAD.index("What changed")]
    start, _, means = said.partition(": mean ")
    assert signal.sentence.startswith(f"{start}: ")
    assert f", with a mean of {means}." in signal.sentence
    assert means == "900 against 500 before"


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        # a trend and a single point have no two means to tell: their detail stands instead
        ([300 + 4 * (when % 2) for when in range(16)] + [310 + 9 * when for when in range(8)],
         "Rising since March 2025: 10 months in a row, from 300 to 373 people"),
        ([300 + 4 * (when % 2) for when in range(23)] + [390],
         "Higher than the upper limit in December 2025: 390 against a limit of"),
        ([300 + 4 * (when % 2) for when in range(24)], "No change beyond the usual"),
        ([300, 304], "Too little to judge: two values of the 13 that limits need."),
    ],
)  # fmt: skip
def test_what_changed_without_two_means(cast, client, lengths, said):
    import_rows([one_return("N1", "MRI", when, waiting=length, over=9) for when, length in enumerate(lengths)])
    client.force_login(cast.chief)
    words_cell = table(client.get("/"))[1][HEAD.index("What changed")]
    assert words_cell.startswith(said)
    assert not words_cell.endswith(("Concern.", "Concern")), "the icon says that"


def test_the_words_in_a_row_are_those_of_its_chart(chief):
    stored = ChartSummary.objects.get(site__code="N1", breakdown="MRI", measure="dm01_waiting_list").sentence
    assert stored.startswith("Higher than usual since May 2025: eight months")
    said = Page(chief.get("/measures/dm01_waiting_list/N1/MRI/"))
    assert stored in said.text


def test_every_figure_leads_to_its_chart(chief):
    links = Page(chief.get("/?test=MRI")).links
    addresses = {address for _, address in links if "/N1/" in address}
    assert addresses == {
        "/sites/N1/",
        "/imaging/N1/MRI/",
        "/measures/dm01_over_six_weeks/N1/MRI/",
        "/measures/dm01_waiting_list/N1/MRI/",
        "/measures/dm01_six_week_share/N1/MRI/",
    }
    for address in addresses:
        assert chief.get(address).status_code == 200


def test_nobody_sees_the_lists_of_another_site(lists, client):
    client.force_login(lists.people["planner"])
    for address in ("/", "/?where=all", "/?site=South", "/?where=group&test=MRI"):
        response = client.get(address)
        page = Page(response)
        assert "South" not in page.text
        assert {row[0] for rows in page.tables for row in rows[1:]} <= {"North", "Elsewhere Trust"}
    assert "S1" not in client.get("/pressure.csv?where=all").content.decode()
    assert "South" not in client.get("/pressure.csv?where=all").content.decode()


def test_a_place_one_may_not_see_is_told_like_one_that_does_not_exist(lists, client):
    client.force_login(lists.people["planner"])
    for where in ("public-secret", "other"):
        response = client.get(f"/?where={where}")
        assert response.status_code == 200
        assert "There is no such place, or you may not see it." in Page(response).text


def test_without_a_role_there_is_nothing(lists, client):
    client.force_login(lists.stranger)
    page = Page(client.get("/"))
    assert "You have no role yet." in page.text
    assert not page.tables
    assert client.get("/pressure.csv").status_code == client.get("/pressure.xlsx").status_code == 403


def test_an_empty_database_says_what_to_do_next(cast, client):
    client.force_login(cast.chief)
    page = Page(client.get("/"))
    assert "trustwide import dm01 FILE" in page.text
    assert not page.tables


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("test=CT", [["North", "CT"]]),
        ("site=south", [["South", "MRI"]]),
        ("site=s1", [["South", "MRI"]]),
        ("concerns=on", [["North", "MRI"]]),
        ("where=public", [["Elsewhere Trust", "MRI"]]),
        ("where=all&test=MRI&concerns=on", [["Elsewhere Trust", "MRI"], ["North", "MRI"]]),
        ("where=group&page=9", [["North", "MRI"], ["South", "MRI"], ["North", "CT"]]),
    ],
)
def test_the_address_says_what_is_shown(chief, query, rows):
    shown = sorted(row[:2] for row in table(chief.get(f"/?{query}"))[1:])
    assert shown == sorted(rows)


def test_filters_that_fit_nothing_say_how_to_go_on(chief):
    page = Page(chief.get("/?site=nowhere"))
    assert "No list fits." in page.text
    assert ("Take the filters away", "/") in page.links


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("test=XRAY", "There is no test XRAY. Choose one of the list."),
        ("where=mars", "There is no such place, or you may not see it. Choose another."),
        ("columns=price", "Select a valid choice. price is not one of the available choices."),
    ],
)
def test_a_wrong_address_is_told_and_the_rest_is_shown(chief, query, sentence):
    response = chief.get(f"/?{query}")
    page = Page(response)
    assert sentence in page.text
    assert "<title>Error:" in response.content.decode()
    assert len(page.tables[0]) == 4


def test_columns_are_chosen(chief):
    head, *rows = table(chief.get("/?columns=gap&columns=list"))
    assert head == ["Site", "Test", "Waiting", "Gap, tests a week"]
    assert {len(row) for row in rows} == {4}


def test_a_script_gets_the_part_and_a_person_the_page(chief):
    whole = chief.get("/?test=MRI")
    part = chief.get("/?test=MRI", headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert table(part) == table(whole)
    assert 'id="answer" hx-swap-oob="innerHTML"' in part.content.decode()
    assert part["HX-Push-Url"] == "/?where=group&test=MRI"
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in part["Vary"]


def test_pages_hold_all_rows_once(chief, monkeypatch):
    whole = table(chief.get("/?where=all"))[1:]
    monkeypatch.setattr(pressure, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(pressure.home_page, "__kwdefaults__", {"rows": 2})
    first, second = chief.get("/?where=all"), chief.get("/?where=all&page=2")
    assert table(first)[1:] + table(second)[1:] == whole
    assert ("2", "?where=all&page=2") in Page(first).links


def test_a_list_that_is_no_longer_returned_is_left_out_and_counted(lists, client):
    rows = [one_return("E9", "CT", when, waiting=50, over=5) for when in range(15)]
    import_rows(rows)
    client.force_login(lists.chief)
    page = Page(client.get("/?where=all"))
    assert "1 list not returned for three months or longer is left out." in page.text
    assert ["Elsewhere Trust", "CT"] not in [row[:2] for row in page.tables[0]]


def test_many_lists_take_no_more_queries_than_few(lists, client):
    client.force_login(lists.chief)
    few = queries(client)
    codes = [f"Z{number:02d}" for number in range(40)]
    import_rows([one_return(code, test, 23) for code in codes for test in ("MRI", "CT", "NOUS")])
    assert queries(client) == few < 25
    assert len(table(client.get("/?where=all"))) == pressure.ROWS_A_PAGE + 1


def import_rows(rows):
    from trustwide.services.imaging.actions import import_returns

    return import_returns(frame(*rows), by=STAGE, source="tests")


def queries(client):
    client.get("/?where=all")
    with CaptureQueriesContext(connection) as made:
        client.get("/?where=all")
    return len(made)
