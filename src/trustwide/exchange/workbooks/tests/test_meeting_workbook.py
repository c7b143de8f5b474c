"""The waiting-list meeting out to Excel and back in, with real files."""

import datetime as dt
import io
import zipfile

import pytest
import python_calamine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from trustwide.exchange.workbooks import meeting_views
from trustwide.exchange.workbooks.meeting import HEAD, TITLES, read_meeting
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.waiting import meeting_figures
from trustwide.services.imaging.waiting.notes import Change, standings, write_notes
from trustwide.services.imaging.waiting.tests.waiting_stage import request

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(cast):
    return build_stage(cast)


@pytest.fixture
def clerk(stage, client):
    client.force_login(stage.cast.people["booking_clerk"])
    return client


def download(client):
    return client.get(reverse("meeting_workbook")).content


def sheet_of(content):
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def filled_in(content, by_request):
    """The workbook as Excel saves it after somebody wrote into columns: request -> {title: value}."""
    rows, out = sheet_of(content), io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        sheet, date = book.add_worksheet("Meeting"), book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(rows):
            written = by_request.get(int(row[0]), {}) if line > HEAD else {}
            for place, cell in enumerate(row):
                value = written.get(TITLES[place], cell) if line > HEAD else cell
                if isinstance(value, dt.date):
                    sheet.write_datetime(line, place, value, date)
                elif value != "":
                    sheet.write(line, place, value)
    return out.getvalue()


def upload(client, content):
    file = SimpleUploadedFile("meeting.xlsx", content)
    return client.post(reverse("meeting_upload"), {"file": file})


def note(stage, one, **said):
    stands = standings([one.pk]).get(one.pk)
    version = stands.version if stands else "0.0"
    return write_notes([Change(one.pk, **{"version": version, **said})], by=stage.cast.chief)


def test_the_numbers_are_locked_and_the_rest_can_be_written(stage, clerk):
    request(stage, 50)
    xml = zipfile.ZipFile(io.BytesIO(download(clerk))).read("xl/worksheets/sheet1.xml").decode()
    assert "<sheetProtection" in xml
    assert '<col min="2" max="2"' in xml
    assert 'hidden="1"' in xml
    assert "<autoFilter ref=" in xml


def test_it_has_both_waits_and_says_what_is_left_out(stage, clerk, monkeypatch):
    for days in (50, 45):
        request(stage, days)
    rows = sheet_of(download(clerk))
    assert rows[HEAD][7:9] == ["Days, DM01", "Days, patient's own"]
    assert rows[HEAD + 1][7:9] == [50, 50]
    assert rows[2][0] == ""
    for module in (meeting_figures, meeting_views):
        monkeypatch.setattr(module, "MOST_ROWS", 1)
    rows = sheet_of(download(clerk))
    assert len(rows) == HEAD + 2
    assert rows[2][0].startswith("A workbook has the first 1 of these 2 rows")


def test_a_workbook_that_nobody_wrote_into_changes_nothing(stage, clerk):
    one, two = request(stage, 50), request(stage, 45)
    note(stage, one, comment="Ring, =1+1", action="Ask the ward", owner="Ann", due_on=dt.date(2026, 12, 1))
    returned = read_meeting(download(clerk))
    assert (returned.changes, returned.faults, returned.unchanged) == ((), (), 2)
    assert list(returned.row_of) == [one.pk, two.pk]
    assert (
        "0 rows will change, 2 stay as they are. Nothing is changed yet."
        in upload(clerk, download(clerk)).content.decode()
    )


def test_what_is_written_comes_back_after_it_was_shown(stage, clerk):
    one, two, three = request(stage, 50), request(stage, 45), request(stage, 44)
    note(stage, two, comment="Kept", action="Ask the van", owner="Ben")
    made = filled_in(
        download(clerk),
        {
            one.pk: {"Comment": "Wide bore", "Action": "Ask South", "Owner": "Ann", "Due": dt.date(2026, 12, 3)},
            two.pk: {"Done": "yes"},
        },
    )
    text = upload(clerk, made).content.decode()
    assert "2 rows will change, 1 stay as they are. Nothing is changed yet." in text
    assert "Action: Ask South, Ann, until 3 December 2026" in text
    assert standings([one.pk]) == {}

    changes = text.split('name="changes" value="')[1].split('"')[0]
    clerk.post(reverse("meeting_apply"), {"changes": changes})
    stands = standings([one.pk, two.pk, three.pk])
    assert stands[one.pk].words == ("Wide bore", "Ask South", "Ann", "2026-12-03")
    assert stands[two.pk].words == ("Kept", "", "", "")
    assert three.pk not in stands


def test_notes_of_others_meanwhile_are_conflicts(stage, clerk):
    one, two = request(stage, 50), request(stage, 45)
    made = filled_in(download(clerk), {one.pk: {"Comment": "Mine"}})
    note(stage, one, comment="Theirs")
    note(stage, two, comment="Also theirs")
    text = upload(clerk, made).content.decode()
    assert "0 rows will change, 1 stay as they are, 1 cannot be written." in text
    assert "Somebody else wrote about this request meanwhile: &#34;Theirs&#34;." in text
    assert 'name="changes"' not in text


def test_a_conflict_between_showing_and_writing_is_told(stage, clerk):
    one, two = request(stage, 50), request(stage, 45)
    made = filled_in(download(clerk), {one.pk: {"Comment": "Mine"}, two.pk: {"Comment": "Two"}})
    text = upload(clerk, made).content.decode()
    note(stage, one, comment="Theirs")
    changes = text.split('name="changes" value="')[1].split('"')[0]
    got = clerk.post(reverse("meeting_apply"), {"changes": changes}).content.decode()
    assert "1 row is written; 1 left as they were" in got
    assert standings([one.pk])[one.pk].comment == "Theirs"
    assert standings([two.pk])[two.pk].comment == "Two"


def test_wrong_cells_are_named_by_row_and_column(stage, clerk):
    requests = [request(stage, 50 - number) for number in range(5)]
    one, two, three, four, five = requests
    note(stage, four, action="Ask the van")
    made = filled_in(
        download(clerk),
        {
            one.pk: {"Comment": "x", "Due": "soon"},
            two.pk: {"Done": "perhaps"},
            three.pk: {"Number": two.pk, "Comment": "y"},
            four.pk: {"Action": ""},
            five.pk: {"Comment": "z" * 501},
        },
    )
    faults = {(fault.row, fault.column): fault.sentence for fault in read_meeting(made).faults}
    first = HEAD + 2
    assert set(faults) == {
        (first, "Due"), (first + 1, "Done"), (first + 2, "Number"), (first + 3, "Action"), (first + 4, "Comment"),
    }  # fmt: skip
    assert faults[first, "Due"] == "Enter a date that exists, as day, month and year."
    assert faults[first + 2, "Number"] == f"The request stands in row {first + 1} already; keep one of the two."
    text = upload(clerk, made).content.decode()
    assert "5 cells are wrong" in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a workbook", "This is not a readable Excel file; save it from Excel as .xlsx."),
        (None, "The file has no row with the titles"),
    ],
)
def test_another_file_is_refused_with_a_sentence(stage, clerk, content, sentence):
    if content is None:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            book.add_worksheet().write_row(0, 0, ["Name", "Age"])
        content = out.getvalue()
    assert sentence in upload(clerk, content).content.decode()


def test_rows_of_other_sites_and_forged_changes_are_refused(stage, clerk):
    south = request(stage, 50, site=stage.cast.south)
    clerk.force_login(stage.cast.chief)
    made = filled_in(download(clerk), {south.pk: {"Comment": "Mine"}})
    clerk.force_login(stage.cast.people["booking_clerk"])
    assert "There is no such request on a list you may see." in upload(clerk, made).content.decode()
    assert clerk.post(reverse("meeting_apply"), {"changes": "forged"}).url == reverse("meeting_upload")
    assert standings([south.pk]) == {}
