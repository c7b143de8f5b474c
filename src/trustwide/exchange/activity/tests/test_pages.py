"""From an upload to requests: columns asked for once, codes mapped, faults said; and who may."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trustwide.exchange.activity import views
from trustwide.exchange.activity.tests.extracts import row, sample, write_csv
from trustwide.services.imaging.activity.tests.activity_stage import catalogue
from trustwide.services.imaging.models import ActivityImport, CodeMapping, ColumnMapping, ImagingRequest

UPLOAD, COLUMNS, IMPORTS, CODES = (
    "/activity/upload/", "/activity/columns/", "/imaging/activity/", "/imaging/activity/codes/group/",
)  # fmt: skip

NEEDED = {
    "patient": "Hospital Number", "accession": "Accession No", "exam": "Exam Code", "requested": "Date Requested",
}  # fmt: skip


@pytest.fixture
def manager(cast, client):
    catalogue(cast)
    client.force_login(cast.people["radiology_manager"])
    return client


def upload(client, path, system="RIS", **more):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return client.post(UPLOAD, {"partnership": "group", "system": system, "file": file, **more})


@pytest.fixture
def context(monkeypatch):
    """What pages were given; our templates do not tell the test client."""
    given = {}
    real = views.render

    def seen(request, template, values):
        given.update(values)
        return real(request, template, values)

    monkeypatch.setattr(views, "render", seen)
    return given


def test_from_an_upload_to_requests(manager, cast, tmp_path, context):
    path = write_csv(
        tmp_path, row(), row(Accession_No="A2", Date_Requested="02/02/26"), row(Accession_No="A3", Urgency="R")
    )
    assert "What did we bring in?" in manager.get(IMPORTS).content.decode()
    asked = upload(manager, path)
    assert "Which header is which column?" in asked.content.decode()
    assert not ImagingRequest.objects.exists()
    form = context["form"]
    given = {name: form[name].value() or "" for name in form.fields} | {"day_first": "on"}
    kept = manager.post(COLUMNS, given, follow=True).content.decode()
    assert "The columns of RIS are kept. Now upload the file again." in kept
    assert ColumnMapping.objects.get().columns["patient"] == "Hospital Number"
    said = upload(manager, path).content.decode()
    assert "New requests: 1. Changed: 0. Unchanged: 0." in said
    assert "row 5, column &#34;Date Requested&#34;: found &#34;02/02/26&#34;" in said
    assert "Say what they mean" in said
    code = CodeMapping.objects.get(local_code="R")
    page = manager.get(CODES).content.decode()
    assert "1 code has no meaning yet." in page
    assert '<option value="routine" selected>' in page
    done = manager.post(CODES, {f"code-{code.pk}": "routine"}, follow=True).content.decode()
    assert "One code mapped. Upload the file again" in done
    assert "New requests: 1. Changed: 0. Unchanged: 1." in upload(manager, path).content.decode()
    listed = manager.get(IMPORTS).content.decode()
    assert listed.count("extract.csv") == 3  # once in the first line, once a file
    assert list(ActivityImport.objects.order_by("pk").values_list("added", "rejected", "unmapped")) == [
        (1, 1, 1),
        (1, 1, 0),
    ]


def test_columns_that_lack_or_repeat_a_header_are_sentences(manager, tmp_path, context):
    upload(manager, write_csv(tmp_path, row()))
    form = context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    said = manager.post(COLUMNS, given | {"requested": "", "source": "Room"}).content.decode()
    assert "Choose the header that is requested." in said
    assert "&#34;Room&#34; is chosen for two columns" in said
    assert manager.post(COLUMNS, given | {"headers": "no json"}).status_code == 200
    assert not ColumnMapping.objects.exists()


def test_the_columns_can_be_looked_at_again(manager, cast, tmp_path, context):
    ColumnMapping.objects.create(partnership=cast.group, system="RIS", columns={"patient": "Accession No"})
    said = upload(manager, write_csv(tmp_path, row()), again="on").content.decode()
    assert "Which header is which column?" in said
    assert context["form"]["patient"].value() == "Accession No"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("notes.txt", b"hello", "expected a .csv, .xlsx, .xls or .parquet file"),
        ("empty.csv", b" ", "the file is empty"),
        ("other.csv", b"ward,beds\n1,2\n", "not an extract of a radiology system"),
    ],
)
def test_a_file_that_is_no_extract_is_a_sentence(manager, tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    answer = upload(manager, path)
    assert answer.status_code == 200
    assert expected in answer.content.decode()


def test_a_number_that_no_database_holds_is_passed_over(manager):
    assert manager.post(CODES, {f"code-{'9' * 23}": "routine"}).status_code == 302


def test_more_rows_than_a_page_takes(manager, cast, tmp_path, monkeypatch):
    columns = {
        "patient": "Hospital Number",
        "accession": "Accession No",
        "exam": "Exam Code",
        "requested": "Date Requested",
    }
    ColumnMapping.objects.create(partnership=cast.group, system="RIS", columns=columns)
    monkeypatch.setattr(views, "MOST_ROWS", 5)
    said = upload(manager, write_csv(tmp_path, *sample(6))).content.decode()
    assert "extract.csv has 6 exams, and a page takes 5 at once." in said
    assert not ActivityImport.objects.exists()


def test_another_sites_rows_are_refused(manager, cast, tmp_path):
    columns = NEEDED | {"site": "Site", "priority": "Urgency"}
    ColumnMapping.objects.create(partnership=cast.group, system="RIS", columns=columns)
    answer = upload(manager, write_csv(tmp_path, row(Site="S1")))
    assert answer.status_code == 403
    assert not ImagingRequest.objects.exists()


@pytest.mark.parametrize("address", [UPLOAD, IMPORTS, CODES])
def test_who_may_not(cast, client, address):
    client.force_login(cast.people["ward_nurse"])
    assert client.get(address).status_code == 403
    client.force_login(cast.stranger)
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_another_partnerships_codes_are_not_there(manager):
    assert manager.get("/imaging/activity/codes/public/").status_code == 404


def test_the_pages_take_few_queries(manager, cast, django_assert_max_num_queries):
    for number in range(60):
        CodeMapping.objects.create(
            partnership=cast.group, system="RIS", kind="exam", local_code=f"Z{number}", rows=number
        )
    with django_assert_max_num_queries(20):
        manager.get(CODES)
    with django_assert_max_num_queries(20):
        manager.get(IMPORTS)
