"""The brief of a run: two tagged pages that say what the run says, whatever it says."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from trustwide.exchange.briefs.paper import to_pdf
from trustwide.exchange.briefs.service_run import brief_of
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.capacity.tests.service_stage import LEVERS, PLANNER, a_service, answered

pytestmark = pytest.mark.django_db
KINDS = [ServiceRun.Kind.NOTHING, ServiceRun.Kind.SET, ServiceRun.Kind.SEARCH]


def read(run):
    pdf = PdfReader(io.BytesIO(to_pdf(brief_of(run))))
    return pdf, " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def tags(node, found=None):
    """Every element of the structure tree: what it is, and its alternative text."""
    found = [] if found is None else found
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            tags(one, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append((node["/S"], node.get("/Alt")))
        if "/K" in node and not isinstance(node["/K"], int):
            tags(node["/K"], found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_two_pages_say_what_the_run_says(cast, kind):
    run = answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER], kind, "reminders")
    pdf, text = read(run)
    assert len(pdf.pages) == 2
    assert run.headline in text
    for fact in (run.digest, run.of.fingerprint, "20 from seed 1", "Two rivers MR, version 1", "Rota of autumn 2025"):
        assert fact in text
    assert ("Plans, best first" in text) == (kind == ServiceRun.Kind.SEARCH)


def test_it_can_be_read_aloud(cast):
    """PDF/UA-1: tagged, with a title, a language and alternative texts; it says so in its own metadata."""
    run = answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER], ServiceRun.Kind.SEARCH)
    pdf, _ = read(run)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata.title == "What would fix it? Two rivers MR, North Hospital"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    found = tags(root["/StructTreeRoot"]["/K"])
    kinds = [kind for kind, _ in found]
    assert kinds.count("/H1") == 1 and kinds.count("/H2") >= 5
    assert kinds.count("/Table") >= 2 and "/TH" in kinds
    pictures = [alt for kind, alt in found if kind == "/Figure"]
    assert len(pictures) == 2 and all("median and 80% interval" in alt for alt in pictures)


def test_only_our_own_letters_are_in_it(cast):
    run = answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER])
    pdf, _ = read(run)
    fonts = {font.get_object()["/BaseFont"] for page in pdf.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts and all("OpenSans" in font for font in fonts)


def test_long_names_and_notes_do_not_make_it_longer(cast):
    levers = [
        {
            **LEVERS[1],
            "id": f"lever-{number}",
            "title": f"{number} " + "a very long name " * 10,
            "cost_per_year": number,
        }
        for number in range(5)
    ]
    service = a_service(cast.north, cast.people[PLANNER], levers=levers)
    run = answered(service, cast.people[PLANNER], ServiceRun.Kind.SEARCH)
    run.note = "Agreed after a long talk. " * 100
    pdf, text = read(run)
    assert len(pdf.pages) == 2
    assert run.digest in text


def test_the_same_run_gives_the_same_bytes(cast):
    run = answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER])
    assert to_pdf(brief_of(run)) == to_pdf(brief_of(run))


def test_it_is_downloaded_by_those_who_may_see_the_run(cast, client):
    run = answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER])
    client.force_login(cast.people["board_member"])
    response = client.get(f"/briefs/runs/{run.pk}/brief.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    client.force_login(cast.people["ward_nurse"])
    assert client.get(f"/briefs/runs/{run.pk}/brief.pdf").status_code == 403
