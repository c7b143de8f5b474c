"""The month of `month_stage`, worked out by hand, and what is done with it."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.actions import create_site
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.append_only import AppendOnlyError
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.models import ActivityImport, Dm01Return, Reconciliation
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON
from trustwide.services.imaging.waiting.reconcile import Month, MonthFigures, list_figures, reckon
from trustwide.services.imaging.waiting.reconcile_actions import sign_off
from trustwide.services.imaging.waiting.reconcile_page import ReconcileError, reconcile_page
from trustwide.services.imaging.waiting.reference import waits_on
from trustwide.services.imaging.waiting.tests.month_stage import BANDS, add, build_month, moment

MARCH = Month(dt.date(2026, 3, 1))


@pytest.fixture
def made(cast):
    return build_month(cast)


def page_of(cast, site=None):
    return reconcile_page(site or cast.north, "MRI", MARCH, seen=Site.objects.values_list("pk", flat=True))


def give_return(site, bands=BANDS, listed=2, planned=1, unscheduled=1):
    return Dm01Return.objects.create(
        site=site, test="MRI", month=MARCH.first, waiting_list=sum(bands), waiting_list_tests=listed,
        planned_tests=planned, unscheduled_tests=unscheduled, **{f"band_{w:02d}": n for w, n in enumerate(bands)},
    )  # fmt: skip


def test_the_month_worked_out_by_hand(cast, made):
    figures = list_figures((cast.north,), "MRI", MARCH, reckon((cast.north,), "MRI", MARCH))
    assert figures == MonthFigures(BANDS, waiting_list_tests=2, planned_tests=1, unscheduled_tests=1)
    assert (figures.waiting, figures.over_six_weeks) == (21, 10)


def test_it_equals_a_count_of_days_by_the_slow_reference(cast, made):
    bands = [0] * 14
    for request in ImagingRequest.objects.filter(site=cast.north, test="MRI", requested_at__lt=MARCH.ends):
        if request.priority in ("emergency", "inpatient") or (request.due_on and request.due_on > MARCH.last):
            continue
        events = happenings(request.events.filter(at__lt=MARCH.ends).order_by("number"))
        if any(event.kind in (Event.END, Event.REJECT, Event.WITHDRAW) for event in events):
            continue
        days, _ = waits_on(MARCH.last, request.requested_at.astimezone(LONDON).date(), request.due_on, events)
        bands[min(days // 7, 13)] += 1
    assert tuple(bands) == BANDS


def test_differences_down_to_the_rows(cast, made):
    add(cast.north, made[30].exam, 40, "2026-03-31", [], received="2026-04-02")
    ActivityImport.objects.create(
        partnership=cast.group, system="RIS", file_name="x.csv", digest="0" * 64, rows=5, added=1, changed=0,
        unchanged=0, rejected=0, unmapped=4, imported_by="x",
    )  # fmt: skip
    found = {each.code: each for each in page_of(cast).differences}
    number = {pk: int(accession) for pk, accession in ImagingRequest.objects.values_list("pk", "accession")}
    numbers = {code: [number[pk] for pk in each.requests] for code, each in found.items()}
    assert numbers == {
        "duplicates": [34], "received_late": [40], "resets": [9, 10, 12], "planned_not_due": [17],
        "unscheduled": [27], "no_test": [31], "unmapped": [],
    }  # fmt: skip
    assert found["unmapped"].count == 4


def test_a_provider_returns_for_all_its_sites(cast, made, client):
    second = create_site(cast.north.partner, "N2", "North Centre", by=STAGE)
    add(second, made[30].exam, 50, "2026-03-31", [])
    give_return(cast.north)
    for site in (cast.north, second):
        page = page_of(cast, site)
        assert (page.ours.waiting, page.theirs.waiting) == (22, 21)
        assert {one.code for one in page.sites} == {"N1", "N2"}
    client.force_login(cast.people["radiology_manager"])
    told = client.get("/imaging/reconcile/N1/MRI/2026-03/", follow=True).content.decode()
    assert "for all its 2 sites, and you may not see the lists of all of them" in told
    give_return(second, bands=(1,) + (0,) * 13)
    assert (page_of(cast).ours.waiting, page_of(cast, second).ours.waiting) == (21, 1)


def test_what_no_reason_explains_is_counted(cast, made):
    row = give_return(cast.north)
    assert page_of(cast).unexplained == 0
    # 21 on the list and 16 returned: the duplicate (34) may explain one of the five
    Dm01Return.objects.filter(pk=row.pk).update(band_08=1)
    page = page_of(cast)
    assert (page.unexplained, page.named_twice) == (4, 0)
    # 26 returned: 17, 27 and 31 may be in the return, which leaves two
    Dm01Return.objects.filter(pk=row.pk).update(band_08=11)
    assert page_of(cast).unexplained == -2
    # 40 was received late and repeats 30: one request with two reasons
    add(cast.north, made[30].exam, 40, "2026-03-31", [], received="2026-04-02", patient=made[30].patient)
    assert page_of(cast).named_twice == 1


def test_booked_elsewhere_counts_as_it_stood_at_the_end_of_the_month(cast, made):
    scanner = Scanner.objects.create(site=cast.south, code="S", name="South MR", modality="MR")
    session = ScannerSession.objects.create(
        scanner=scanner, site=cast.south, opens_at=moment("2026-04-08", 8), closes_at=moment("2026-04-08", 20),
        cells="." * 144,
    )  # fmt: skip
    cases = {1: ("2026-03-31", None), 2: ("2026-04-01", None), 3: ("2026-03-20", "2026-04-02"),
             4: ("2026-03-20", "2026-03-25")}  # fmt: skip
    for number, (made_on, ended) in cases.items():
        Appointment.objects.create(
            request=made[number], session=session, starts_at=moment("2026-04-08", 8, number), minutes=20,
            booked_at=moment(made_on), booked_by="x", state="hospital_cancelled" if ended else "booked",
            ended_at=moment(ended) if ended else None,
        )  # fmt: skip
    away = next(each for each in page_of(cast).differences if each.code == "elsewhere")
    assert away.requests == tuple(sorted((made[1].pk, made[3].pk)))


def test_the_answer_in_words(cast, made):
    assert page_of(cast).answer == (
        "21 waiting, 10 over six weeks: no return of this month is here to hold it against."
    )
    row = give_return(cast.north)
    page = page_of(cast)
    assert page.answer == "21 waiting, 10 over six weeks: equal to the return."
    assert page.equal
    Dm01Return.objects.filter(pk=row.pk).update(band_00=5)
    page = page_of(cast)
    assert page.answer == "21 waiting, 10 over six weeks; the return has 23 and 10."
    assert [line.gap for line in page.bands][:2] == [-2, 0]


def test_a_difference_needs_a_note_and_signing_is_kept_for_good(cast, made):
    manager = cast.people["radiology_manager"]
    with pytest.raises(ReconcileError, match="no return of this month"):
        sign_off(page_of(cast), "", "", by=manager)
    give_return(cast.north, planned=7)
    page = page_of(cast)
    with pytest.raises(ReconcileError, match="write what explains it"):
        sign_off(page, " ", page.digest, by=manager)
    with pytest.raises(NotAllowedError):
        sign_off(page, "seen", page.digest, by=cast.people["booking_clerk"])
    signed = sign_off(page, "planned tests of the van are returned by South", page.digest, by=manager)
    assert signed.differences["duplicates"] == [made[34].pk]
    assert signed.figures["list"]["planned_tests"] == 1
    event = AuditEvent.objects.get(action="signed off a monthly return")
    assert (event.site_code, event.details["waiting"]) == ("N1", 21)
    with pytest.raises(AppendOnlyError):
        signed.save()
    assert Reconciliation.objects.count() == 1


def test_the_figures_take_few_queries_however_long_the_list(cast, made, django_assert_max_num_queries):
    for number in range(100, 160):
        add(cast.north, made[1].exam, number, "2026-03-01", [])
    with django_assert_max_num_queries(16):
        page_of(cast)


def test_the_pages(cast, made, client):
    give_return(cast.north, planned=7)
    client.force_login(cast.people["radiology_manager"])
    page = client.get("/imaging/reconcile/N1/MRI/2026-03/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Does our list equal the return?" in text
    assert "equal to the return, which differs in single bands or in tests done." in text
    rows = client.get("/imaging/reconcile/N1/MRI/2026-03/resets.csv")
    assert len(rows.content.decode().strip().splitlines()) == 4
    sign, shown = "/imaging/reconcile/N1/MRI/2026-03/sign/", page_of(cast).digest
    assert f'name="shown" value="{shown}"' in text
    assert "write what explains it" in client.post(sign, {"shown": shown}).content.decode()
    add(cast.north, made[30].exam, 41, "2026-03-30", [])
    late = client.post(sign, {"note": "the van", "shown": shown}).content.decode()
    assert "The figures changed since you opened the page" in late
    assert not Reconciliation.objects.exists()
    shown = page_of(cast).digest
    assert f'value="{shown}"' in late
    done = client.post(sign, {"note": "the van", "shown": shown}, follow=True)
    assert "March 2026 is signed off." in done.content.decode()
    listed = client.get("/imaging/reconcile/").content.decode()
    assert "1 month is signed off." in listed
    chosen = client.get("/imaging/reconcile/", {"site": "N1", "test": "MRI", "month": "2026-03"})
    assert chosen.headers["Location"] == "/imaging/reconcile/N1/MRI/2026-03/"
    assert (
        "Enter a month such as"
        in client.get("/imaging/reconcile/", {"site": "N1", "test": "MRI", "month": "soon"}).content.decode()
    )


@pytest.mark.parametrize(
    "address", ["S1/MRI/2026-03/", "E9/MRI/2026-03/", "N1/MOON/2026-03/", "N1/MRI/2026-3x/", "N1/MRI/9999-12/"]
)
def test_what_is_not_theirs_is_not_there(cast, client, address):
    client.force_login(cast.people["radiology_manager"])
    assert client.get(f"/imaging/reconcile/{address}").status_code == 404


def test_who_may_look_and_sign(cast, made, client):
    give_return(cast.north)
    client.force_login(cast.people["ward_nurse"])
    assert client.get("/imaging/reconcile/N1/MRI/2026-03/").status_code == 403
    client.force_login(cast.people["booking_clerk"])
    assert b"Sign off March" not in client.get("/imaging/reconcile/N1/MRI/2026-03/").content
    assert client.post("/imaging/reconcile/N1/MRI/2026-03/sign/").status_code == 403
    assert client.get("/imaging/reconcile/N1/MRI/2026-03/nothing.csv").status_code == 404
