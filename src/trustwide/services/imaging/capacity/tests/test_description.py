"""A description as files and back: the same service, without a patient's id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustwide.analysis.capacity.tests
from trustwide.analysis.capacity import ServiceError, load_service, simulate
from trustwide.services.imaging.capacity.description import LIST_FILE, checked, counts_of, nameless, read_files, to_yaml
from trustwide.services.imaging.capacity.models import ServiceVersion, WaitingList
from trustwide.services.imaging.capacity.tests.service_stage import content, described, list_rows

CASES = Path(trustwide.analysis.capacity.tests.__file__).parent / "cases"


def version_of(content):
    """A version that is not stored."""
    made = WaitingList(pk=1, rows=content.rows) if content.rows else None
    return ServiceVersion(description=json.dumps(content.described), waiting_list=made, notes=content.notes)


def test_a_downloaded_service_runs_as_the_stored_one(tmp_path):
    version = version_of(content())
    (tmp_path / "service.yaml").write_text(to_yaml(version))
    (tmp_path / LIST_FILE).write_text(version.waiting_list.rows)
    stored, loaded = checked(version.mapping, version.waiting_list.rows), load_service(tmp_path / "service.yaml")
    assert loaded.fingerprint == stored.fingerprint
    assert simulate(loaded, 3, 7).digest == simulate(stored, 3, 7).digest


def test_order_numbers_keep_the_order_in_which_requests_are_booked():
    """The booking rule ends with the request id, so other ids in the same order give the same run."""
    with_ids = checked(described(), list_rows())
    without = checked(described(), nameless(list_rows(), described()))
    assert [row.requested_on for row in with_ids.waiting_list] == [row.requested_on for row in without.waiting_list]
    ours = simulate(without, 3, 7).to_dict()
    theirs = simulate(with_ids, 3, 7).to_dict()
    assert (ours["streams"], ours["weeks"]) == (theirs["streams"], theirs["weeks"])


def test_no_id_of_a_request_is_kept():
    rows = nameless(list_rows(), described())
    assert "RIS" not in rows
    assert rows.splitlines()[1].split(",")[0] == "01"
    assert len(rows.splitlines()) == 91


def test_files_of_the_published_format_are_read():
    upload = read_files((CASES / "ten_patients.yaml").read_bytes(), (CASES / "ten_patients.csv").read_bytes())
    assert "waiting_list" not in upload.described
    assert len(checked(upload.described, upload.rows).waiting_list) == 10


def test_sources_survive_in_comments():
    text = to_yaml(version_of(content()))
    assert text.startswith("# source of scanners: Rota of autumn 2025\n")
    assert read_files(text.replace(f"waiting_list: {LIST_FILE}\n", "").encode()).notes == {
        "scanners": "Rota of autumn 2025"
    }


@pytest.mark.parametrize(
    ("file", "waiting", "sentence"),
    [
        (b"service: [", None, "service.yaml: is not YAML"),
        (b"- 1", None, "must be a mapping"),
        (b"\xff\xfe", None, "is not UTF-8 text"),
        (b"waiting_list: a.csv", None, "waiting_list: names a.csv, so choose that file too"),
        (json.dumps(described()).encode(), b"request_id\n", "row 1: must be the columns"),
        (json.dumps(described()).encode(), list_rows(2).replace("north", "moon").encode(), "site: must be a site"),
        (json.dumps(described(start="soon")).encode(), None, "start: must be a date"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(file, waiting, sentence):
    with pytest.raises(ServiceError, match=sentence):
        upload = read_files(file, waiting)
        checked(upload.described, upload.rows)


def test_who_waits_is_counted_by_stream_and_site():
    service = checked(described(), list_rows())
    counts = counts_of(service)
    assert sum(row["waiting"] for row in counts) == 90
    assert sum(row["given"] for row in counts) == 15
    over = sum((service.fields.start - row.requested_on).days >= 42 for row in service.waiting_list)
    assert sum(row["over_6_weeks"] for row in counts) == over > 0
    assert [(row["stream"], row["site"]) for row in counts] == [
        ("urgent", "north"), ("urgent", "south"), ("routine", "north"), ("routine", "south"),
    ]  # fmt: skip
