"""The pages about services: what they show, to whom, and at what cost."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.services.imaging.capacity import run_actions
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun
from trustwide.services.imaging.capacity.tests.service_stage import (
    PLANNER,
    a_service,
    answered,
    ask,
    described,
    list_rows,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LONG = "9" * 30  # more than any column holds
# of those, two are the session and the person, seven the navigation
QUERIES = {"services": 17, "service": 15, "nothing": 15, "service_plan": 15, "service_runs": 16, "service_versions": 15}
NOTHING, SET, SEARCH = ServiceRun.Kind.NOTHING, ServiceRun.Kind.SET, ServiceRun.Kind.SEARCH


@pytest.fixture
def service(cast, client):
    client.force_login(cast.people[PLANNER])
    return a_service(cast.north, cast.people[PLANNER])


def at(name, *arguments):
    return reverse(f"imaging:{name}", args=arguments)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_of_a_service(service, client):
    page = text(client.get(at("service", service.pk)))
    assert "4 scanners, one of them a visiting van, 68 hours a week; the demand would take" in page
    assert "90 people wait on 5 January 2026" in page
    assert "Source: Rota of autumn 2025" in page
    assert page.count('name="pick"') == 5 + 6 + 2  # days of each scanner's week
    assert "Monday and Tuesday 08:00–12:00 every 2 weeks" in page
    assert "RIS-" not in page


def test_a_run_says_how_much_is_used(service, client, cast):
    answered(service, cast.people[PLANNER])
    assert re.search(r"68 hours a week, \d+% used\.", text(client.get(at("service", service.pk))))


@pytest.mark.parametrize("name", QUERIES)
def test_pages_ask_little_of_the_database(service, client, cast, django_assert_max_num_queries, name):
    for number in range(3):
        other = a_service(cast.north, cast.people[PLANNER], service=f"Service {number}")
        answered(other, cast.people[PLANNER])
    answered(service, cast.people[PLANNER])
    arguments = [] if name == "services" else [service.pk]
    with django_assert_max_num_queries(QUERIES[name]):
        text(client.get(at(name, *arguments)))


def test_a_service_from_scratch(cast, client):
    client.force_login(cast.people[PLANNER])
    page = text(client.get(at("describe_service")))
    assert 'name="at-N1"' in page and 'name="at-S1"' in page and 'value="E9"' not in page
    figures = {
        "kept_by": "N1", "name": "Our MR", "modality": "MR", "start": "2026-01-05", "weeks": "52", "days": "mon-sat",
        "opens": "08:00", "closes": "20:00", "van": "2", "van_site": "S1", "at-N1": "2", "rate-suspected_cancer": "10",
        "rate-urgent": "30", "rate-routine": "100", "inpatients": "2", "slot": "30",
    }  # fmt: skip
    made = client.post(at("describe_service"), figures)
    kept = CapacityService.objects.get()
    assert made["Location"] == at("service", kept.pk)
    page = text(client.get(made["Location"]))
    assert "3 scanners, one of them a visiting van, 156 hours a week" in page
    assert [one["id"] for one in kept.newest.mapping["demand"]] == [
        "suspected_cancer", "urgent", "routine", "inpatient",
    ]  # fmt: skip
    wrong = text(client.post(at("describe_service"), figures | {"start": "Monday", "opens": "eight"}))
    assert "First day: must be a date such as 2026-01-05" in wrong
    assert "must be a time in quotes such as &#34;08:00&#34;" in wrong
    assert "how many scanners" in text(client.post(at("describe_service"), figures | {"at-N1": ""}))
    assert CapacityService.objects.count() == 1


def test_files_come_and_go(cast, client):
    client.force_login(cast.people[PLANNER])
    files = {
        "service": SimpleUploadedFile("service.yaml", json.dumps(described()).encode()),
        "waiting": SimpleUploadedFile("list.csv", list_rows().encode()),
    }
    client.post(at("upload_service"), {"kept_by": "N1", **files})
    kept = CapacityService.objects.get()
    rows = client.get(at("waiting_list_file", kept.pk, 1)).content.decode()
    assert rows.count("\n") == 91 and "RIS" not in rows
    assert "waiting_list: waiting_list.csv" in client.get(at("service_file", kept.pk, 1)).content.decode()

    files = {"service": SimpleUploadedFile("service.yaml", b"service: x\nservice: y")}
    wrong = text(client.post(at("upload_service"), {"kept_by": "N1", **files}))
    assert "line 2: service is given twice" in wrong
    files = {
        "service": SimpleUploadedFile("service.yaml", json.dumps(described()).encode()),
        "waiting": SimpleUploadedFile("list.csv", list_rows().replace("south", "moon").encode()),
    }
    wrong = text(client.post(at("replace_files", kept.pk), {"reason": "new list", **files}))
    assert "row 2: site: must be a site of stream urgent, got &#39;moon&#39;" in wrong


def test_a_part_is_changed_with_its_reason(service, client):
    address = at("change_row", service.pk, "scanners", "van")
    page = text(client.get(address))
    assert "Scanner van" in page and "Rota of autumn 2025" in page
    fields = {"site": "south", "modality": "MR", "count": "2", "mobile": "on", "changeover": "5", "overrun": "0",
              "from_week": "0", "suits": ["routine"], "source": "Rota of May", "reason": "a second van"}  # fmt: skip
    assert "Say why it is changed." in text(client.post(address, fields | {"reason": ""}))
    assert client.post(address, fields)["Location"] == at("service", service.pk)
    service.refresh_from_db()
    assert (service.newest.mapping["scanners"][2]["count"], service.newest.notes["scanners"]) == (2, "Rota of May")
    assert "a second van" in text(client.get(at("service_versions", service.pk)))
    stale = client.post(address, fields | {"count": "3", "version": "1"})
    assert "Somebody has saved a newer version since you opened this page" in text(stale)


def test_a_row_is_taken_out_and_brought_back(service, client):
    address = at("remove_row", service.pk, "scanners", "van")
    refused = text(client.post(address, {"reason": "sold"}))
    assert "lever longer-van: set_sessions: there is no scanner" in refused
    client.post(at("change_levers", service.pk), {"text": "", "reason": "none of them any more"})
    client.post(address, {"reason": "sold"})
    service.refresh_from_db()
    assert [one["id"] for one in service.newest.mapping["scanners"]] == ["north-mr", "south-mr"]
    client.post(at("restore_version", service.pk, 1), {"reason": "bought back"})
    service.refresh_from_db()
    assert (service.newest.number, len(service.newest.mapping["scanners"])) == (4, 3)


def test_the_list_and_the_text_are_changed(service, client):
    client.post(at("change_list", service.pk), {"reason": "nobody waits", "source": "we asked"})
    service.refresh_from_db()
    assert service.newest.waiting_list is None
    page = text(client.get(at("change_text", service.pk)))
    assert "# source of list: we asked" in page
    wrong = text(client.post(at("change_text", service.pk), {"text": "service: [", "reason": "x"}))
    assert "service.yaml: is not YAML" in wrong or "is not YAML" in wrong
    other = json.dumps(described(service="By hand"))
    client.post(at("change_text", service.pk), {"text": other, "reason": "by hand"})
    service.refresh_from_db()
    assert service.name == "By hand"


def test_the_calendar_is_moved_and_saved(service, client):
    address = at("service_calendar", service.pk)
    move = {"do": "change", "picked_scanner": "north-mr", "picked_number": "0", "scanner": "north-mr", "day": "0",
            "opens": "08:00", "closes": "14:00", "every_weeks": "1", "version": "1"}  # fmt: skip
    moved = text(client.post(address, move, headers=HTMX))
    assert "<html" not in moved and "72.0 hours a week with these changes (+4.0)" in moved
    changes = re.search(r'name="changes" value="([^"]*)"', moved)[1].replace("&#34;", '"')
    assert "must be later than opens" in text(client.post(address, move | {"closes": "07:00"}, headers=HTMX))
    assert "Say why it is changed." in text(client.post(address, {"do": "save", "changes": changes}, headers=HTMX))
    assert "<html" in text(client.post(address, {"pick": "van|0"}))  # without a script
    kept = client.post(address, {"do": "save", "changes": changes, "reason": "longer Mondays"}, headers=HTMX)
    assert kept["HX-Redirect"] == at("service", service.pk)
    service.refresh_from_db()
    assert service.newest.facts["hours"] == 72


def test_ask_watch_and_read(service, client, cast):
    asked = client.post(at("nothing", service.pk), {"replications": "20", "seed": "1"})
    run = ServiceRun.objects.get()
    assert asked["Location"] == f"{at('nothing', service.pk)}?run={run.pk}"
    assert "Waiting for its turn: 0%" in text(client.get(asked["Location"]))
    ServiceRun.objects.filter(pk=run.pk).update(status="running", progress_done=5, progress_total=20)
    assert "Simulating: 25%" in text(client.get(at("run_progress", run.pk), headers=HTMX))
    run_actions.answer_run(run.pk)
    assert client.get(at("run_progress", run.pk), headers=HTMX)["HX-Refresh"] == "true"
    page = text(client.get(at("nothing", service.pk)))  # come back later
    assert "If nothing changes the list" in page and page.count("data-vega-spec") == 2
    wrong = text(client.post(at("nothing", service.pk), {"replications": "7", "seed": "-1"}))
    assert "Choose one of the numbers" in wrong and "The seed must be a whole number" in wrong


def test_a_set_is_tried_and_the_best_is_found(service, client, cast):
    question = {"weeks": "2.5", "by": "2026-04-26", "confidence": "80", "replications": "20", "seed": "1"}
    asked = client.post(at("service_plan", service.pk), question | {"lever": ["reminders"], "do": "set"})
    run = ServiceRun.objects.get(kind=SET)
    assert (run.chosen, run.question["target_weeks"]) == (["reminders"], 2.5)
    run_actions.answer_run(run.pk)
    page = text(client.get(asked["Location"]))
    assert "One measure gives a" in page and "has changed since" not in page
    asked = client.post(at("service_plan", service.pk), question | {"do": "search", "budget": "200000"})
    run_actions.answer_run(ServiceRun.objects.get(kind=SEARCH).pk)
    page = text(client.get(asked["Location"]))
    assert "Plans, best first" in page and "What is each measure worth?" in page
    switched_on = re.findall(r'name="lever" type="checkbox" value="([^"]*)"[^>]* checked', page)
    assert sorted(switched_on) == sorted(ServiceRun.objects.get(kind=SEARCH).result["plans"][0]["levers"])
    assert page.count("data-vega-spec") == 3
    loaded = text(
        client.get(
            at("service_plan", service.pk)
            + re.search(r'href="[^"]*(\?weeks=[^"]*)">Load', page)[1].replace("&amp;", "&")
        )
    )
    assert "has changed since" not in loaded


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weeks": "soon"}, "The target is not a number, but"),
        ({"weeks": "99"}, "The target is 99, but"),
        ({"by": "soon"}, "The date is &#39;soon&#39;, but a date such as 2026-12-31 is needed."),
        ({"by": "2026-01-06"}, "6 January 2026 must be from 2 March 2026"),
        ({"budget": "-1"}, "Budget: a number of 0 or more is needed"),
        ({"staff-radiographer": "x"}, "radiographer: a number of 0 or more is needed"),
        ({"lever": "nobody"}, "There is no measure nobody; switch on some of those listed."),
    ],
)
def test_bad_input_is_an_error_summary(service, client, changes, sentence):
    question = {"weeks": "2", "by": "2026-04-26", "confidence": "80", "replications": "20", "seed": "1", "do": "set"}
    page = text(client.post(at("service_plan", service.pk), question | changes))
    assert "There is a problem" in page and sentence in page
    assert not ServiceRun.objects.exists()


def test_measures_and_prices_are_changed(service, client):
    address = at("change_levers", service.pk)
    assert "sundays-north" in text(client.get(address))
    assert "this id stands twice" in text(
        client.post(
            address, {"text": "- {id: a, does: {pool_lists: true}}\n- {id: a, does: {pool_lists: true}}", "reason": "x"}
        )
    )
    prices = {f"{key}-{lever}": "0" for key in ("cost_per_year", "one_off", "capital")
              for lever in ("sundays-north", "reminders", "longer-van")}  # fmt: skip
    client.post(at("change_prices", service.pk), prices | {"cost_per_year-reminders": "7000", "reason": "a new quote"})
    service.refresh_from_db()
    assert [lever.get("cost_per_year") for lever in service.newest.lever_list] == [None, 7000, None]
    assert "cost_per_year: 7000" in client.get(at("lever_file", service.pk, 2)).content.decode()


def test_a_service_without_measures_is_offered_some(cast, client):
    client.force_login(cast.people[PLANNER])
    service = a_service(cast.north, cast.people[PLANNER], levers=[])
    assert "No measure is described yet" in text(client.get(at("service_plan", service.pk)))
    page = text(client.get(at("change_levers", service.pk)))
    assert "sundays-north-mr" in page and "one-list" in page and "reminders" in page


def test_runs_are_compared(service, client, cast):
    planner = cast.people[PLANNER]
    runs = [answered(service, planner, SET, name="A few"), answered(service, planner, SET, "reminders", name="One")]
    page = text(client.get(at("compare_runs", service.pk) + f"?run={runs[0].pk}&run={runs[1].pk}"))
    assert "A few" in page and page.count("data-vega-spec") == 4
    assert "Choose two, three or four runs" in text(client.get(at("compare_runs", service.pk) + f"?run={runs[0].pk}"))
    assert client.get(at("compare_runs", service.pk) + f"?run={runs[0].pk}&run={LONG}").status_code == 404


def test_a_run_is_named_shared_repeated_and_put_away(service, client, cast):
    run = answered(service, cast.people[PLANNER])
    page = at("service_run", run.pk)
    assert "Give the run a name." in text(client.post(at("name_run", run.pk), {"name": ""}))
    client.post(at("name_run", run.pk), {"name": "As it is", "note": "Agreed."})
    shared = text(client.post(at("share_run", run.pk), {"shared": "yes"}, follow=True))
    assert f"Everybody who may see plans in Two Rivers Group can read it now: http://testserver{page}" in shared
    assert "As it is" in shared and "Agreed." in shared and run.digest in shared
    client.post(at("repeat_run", run.pk))
    run_actions.answer_run(ServiceRun.objects.get(repeat_of=run).pk)
    assert "equal to the last digit, digest included." in text(client.get(page))
    body = client.get(at("run_json", run.pk)).json()
    assert body["digest"] == run.digest and body["description"] == described()
    client.post(at("archive_run", run.pk), {"reason": "old"})
    assert "No run fits." in text(client.get(at("service_runs", service.pk)))


def test_services_are_listed_filtered_and_exported(service, client, cast):
    a_service(cast.north, cast.people[PLANNER], service="=Other service")
    page = text(client.get(at("services")))
    assert "Two rivers MR" in page and "=Other service" in page
    assert "Two rivers MR" not in text(client.get(at("services") + "?name=other"))
    assert "No service fits." in text(client.get(at("services") + "?shared=yes"))
    lines = client.get(at("services_csv")).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Service,Kept by,Scanners") and lines[1].startswith(
        "'=Other service,North Hospital,3,1,68"
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(at("services_xlsx")).content))
    assert book.get_sheet_by_index(0).to_python()[1][0] == "=Other service"


def test_several_are_shared_or_put_away_after_a_look(service, client, cast):
    theirs = a_service(cast.south, cast.chief, service="Theirs")
    CapacityService.objects.filter(pk=theirs.pk).update(shared=True)
    ids = {"service": [service.pk, theirs.pk]}
    assert "Tick the services first" in text(client.post(at("change_several"), {"do": "share"}))
    looked = text(client.post(at("change_several"), {"do": "share", **ids}))
    assert "Before you share with the group" in looked
    assert "These stay as they are" in looked and "Theirs, kept by South" in looked
    assert not CapacityService.objects.get(pk=service.pk).shared, "looking changes nothing"
    client.post(at("change_several"), {"do": "share", "sure": "yes", **ids})
    assert CapacityService.objects.get(pk=service.pk).shared
    assert "Say why it is put away." in text(client.post(at("change_several"), {"do": "archive", "sure": "yes", **ids}))
    client.post(at("change_several"), {"do": "archive", "sure": "yes", "reason": "old", **ids})
    assert CapacityService.objects.get(pk=service.pk).archived_at
    assert not CapacityService.objects.get(pk=theirs.pk).archived_at


def test_a_shared_service_is_read_but_not_changed_elsewhere(service, client, cast):
    client.post(at("share_service", service.pk), {"shared": "yes"})
    south = person("South Planner")
    add_member(south, Membership.Role.PLANNER, cast.south, by=STAGE, reason="test")
    run = answered(service, cast.people[PLANNER])
    client.force_login(south)
    page = text(client.get(at("service", service.pk)))
    assert "You may read this service." in page and "Download the list" not in page and "data-number" not in page
    assert client.get(at("waiting_list_file", service.pk, 1)).status_code == 403
    assert client.get(at("change_part", service.pk, "about")).status_code == 403
    assert client.post(at("nothing", service.pk), {"replications": "20", "seed": "1"}).status_code == 403
    assert client.get(at("service_run", run.pk)).status_code == 404  # a run is shared by itself


@pytest.mark.parametrize("name", ["service", "nothing", "service_plan", "service_runs", "service_versions"])
def test_what_is_not_ones_own_is_not_there(service, client, cast, name):
    theirs = a_service(cast.south, cast.chief)
    assert client.get(at(name, theirs.pk)).status_code == 404
    assert client.get(at(name, int(LONG[:18]))).status_code == 404


@pytest.mark.parametrize("part", ["nobody", "scanners/nobody", "about/x", "list/x"])
def test_parts_that_are_not_there(service, client, part):
    assert client.get(f"{at('service', service.pk)}change/{part}/").status_code == 404


def test_rows_of_people_are_for_those_who_plan_with_them(service, client, cast):
    client.force_login(cast.people["board_member"])
    page = text(client.get(at("service", service.pk)))
    assert "Download the list" not in page and "90 people wait" in page
    assert client.get(at("waiting_list_file", service.pk, 1)).status_code == 403
    run = ask(service, cast.people[PLANNER])
    run_actions.answer_run(run.pk)
    assert "requested_on" not in client.get(at("run_json", run.pk)).content.decode()


def test_a_view_of_the_list_is_kept(service, client):
    client.post("/views/new/?of=imaging:services&name=rivers&page=2", {"name": "Ours"})
    page = text(client.get(at("services")))
    assert 'href="/imaging/services/?name=rivers">Ours</a>' in page
    assert "Ours" not in text(client.get("/"))
