"""Journey of a planner: describe a service, drag a session, run it, find the best plan, compare, share, download."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.services.imaging.capacity import run_actions
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun
from trustwide.services.imaging.capacity.tests.service_stage import PLANNER, a_service, answered, list_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEVERS = """
- {id: sundays, title: Sunday lists, does: {add_sessions: {scanner: north-mr, sessions: [{days: [sun], opens: "08:00", closes: "18:00"}]}}, cost_per_year: 90000}
- {id: reminders, title: Text reminders, does: {scale_did_not_attend: 0.5}, cost_per_year: 9000}
"""  # noqa: E501


@pytest.fixture
def stage(settings):
    settings.JOBS = "queue"  # no worker runs, so that the journey itself says when a run is done
    return build_cast()


@pytest.fixture
def worker(monkeypatch):
    """worker(action): done when a page next asks how far its run is, by the server's own thread.

    The tests' database in memory is one connection; a thread of the tests that writes would meet the pages that read.
    """
    waiting = []
    monkeypatch.setattr(run_actions, "take_up_again", lambda run: waiting and waiting.pop()(run))
    return waiting.append


def answer(run):
    run_actions.answer_run(run.pk)


def is_at_a_quarter(run):
    ServiceRun.objects.filter(pk=run.pk).update(status="running", progress_done=5, progress_total=20)


def drawn(page, number):
    """Wait until this many charts are drawn (by locator: a polled script would be evaluated, which the pages' CSP refuses)."""  # noqa: E501
    page.locator("[data-drawn=yes]").nth(number - 1).wait_for(state="attached")


def describes_a_service(page, live_server, axe):
    page.goto(f"{live_server.url}/imaging/services/")
    page.get_by_text("No service is described yet.").wait_for()
    axe(page)
    page.get_by_role("button", name="Describe a service").click()
    page.get_by_label("Name of the service").fill("Our MR")
    page.get_by_role("button", name="Describe it").click()
    page.get_by_role("alert").get_by_text("Say how many scanners there are").wait_for()
    axe(page)
    for label, value in (
        ("First day", "2026-01-05"), ("Weeks to run", "12"), ("Scanners at North", "1"), ("Closes", "14:00"),
        ("Suspected cancer, requests a week", "0"), ("Urgent, requests a week", "15"), ("Inpatients a day", "0"),
        ("Routine, requests a week", "45"),
    ):  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Describe it").click()
    page.get_by_text("1 scanner, 30 hours a week; the demand would take").wait_for()
    axe(page)


def uploads_the_list(page, axe):
    page.get_by_role("link", name="Upload one").click()
    rows = "\n".join(line for line in list_rows().splitlines() if "south" not in line)
    file = {"name": "list.csv", "mimeType": "text/csv"}
    page.locator("input[name=waiting]").set_input_files({**file, "buffer": rows.replace("urgent", "soon").encode()})
    page.get_by_label("Reason").fill("the list of this week")
    page.get_by_role("button", name="Save as version 2").click()
    page.get_by_role("alert").get_by_text("stream: must be a booked stream").first.wait_for()
    axe(page)
    page.locator("input[name=waiting]").set_input_files({**file, "buffer": rows.encode()})
    page.get_by_role("button", name="Save as version 2").click()
    page.get_by_text("45 people wait on 5 January 2026").wait_for()


def drags_a_session(page, axe):
    friday = page.get_by_role("button", name="north-mr, Friday, 08:00 to 14:00")
    friday.scroll_into_view_if_needed()
    box = friday.bounding_box()
    cell = page.locator("td[data-day='5']").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(cell["x"] + cell["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    page.get_by_text("north-mr, Saturday, 11:00 to 17:00. Nothing is saved yet.").wait_for()
    axe(page)
    monday = page.get_by_role("button", name="north-mr, Monday, 08:00 to 14:00")
    box = monday.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 4 / 3 - 2, box["y"] + 10, steps=6)
    page.mouse.up()
    page.get_by_text("north-mr, Monday, 08:00 to 16:00. Nothing is saved yet.").wait_for()
    page.get_by_text("32.0 hours a week with these changes (+2.0)").wait_for()


def moves_one_by_keys_and_is_told_what_is_wrong(page, axe):
    tuesday = page.get_by_role("button", name="north-mr, Tuesday, 08:00 to 14:00")
    tuesday.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_text("north-mr, Tuesday, 08:00 to 15:00. Nothing is saved yet.").wait_for()
    moved = page.get_by_role("button", name="north-mr, Tuesday, 08:00 to 15:00")
    assert moved.evaluate("session => session === document.activeElement")
    page.get_by_label("Closes").fill("07:00")
    page.get_by_role("button", name="Change this session").click()
    page.get_by_role("alert").get_by_text("Closes: must be later than opens 08:00, got '07:00'").wait_for()
    axe(page)
    page.get_by_role("button", name="Save the sessions").click()
    page.get_by_role("alert").get_by_text("Say why it is changed.").wait_for()
    page.get_by_label("Reason for the change").fill("longer days as agreed")
    page.get_by_role("button", name="Save the sessions").click()
    page.get_by_text("Version 3 is saved: longer days as agreed").wait_for()
    page.get_by_text("1 scanner, 33 hours a week").wait_for()


def runs_it(page, axe, worker):
    page.get_by_role("link", name="What happens if nothing changes?").click()
    page.get_by_label("Replications").select_option("20")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Waiting for its turn: 0%").wait_for()
    axe(page)
    worker(is_at_a_quarter)
    page.get_by_text("Simulating: 25%").wait_for()
    page.get_by_role("link", name="How do we run it?").click()
    page.get_by_role("link", name="What happens if nothing changes?").click()
    worker(answer)
    page.get_by_text("If nothing changes the list").first.wait_for()
    drawn(page, 2)
    axe(page)


def describes_measures_and_tries_one(page, axe, worker):
    page.get_by_role("link", name="What would fix it?").click()
    page.get_by_role("link", name="Describe measures").click()
    page.get_by_label("Measures (YAML)").fill("- {id: x}")
    page.get_by_label("Reason").fill("what we could do")
    page.get_by_role("button", name="Save as version 4").click()
    page.get_by_role("alert").get_by_text("lever x: does: is missing").wait_for()
    axe(page)
    page.get_by_label("Measures (YAML)").fill(LEVERS)
    page.get_by_role("button", name="Save as version 4").click()
    page.get_by_text("Two measures could be taken.").wait_for()
    page.get_by_label("Text reminders").check()
    page.get_by_label("Wait, weeks").fill("soon")
    page.get_by_role("button", name="Try this set").click()
    page.get_by_role("alert").get_by_text("The target is not a number").wait_for()
    axe(page)
    page.get_by_label("Wait, weeks").fill("2")
    page.get_by_text("How it is worked out").click()
    page.get_by_label("Replications").select_option("20")
    page.get_by_role("button", name="Try this set").click()
    page.get_by_text("Waiting for its turn").wait_for()
    worker(answer)
    page.get_by_text("One measure gives a").first.wait_for()
    drawn(page, 2)
    axe(page)


def finds_the_best_and_saves_it(page, axe, worker):
    page.get_by_role("button", name="Find the best plan").click()
    page.get_by_text("Waiting for its turn").wait_for()
    worker(answer)
    page.get_by_role("heading", name="What does a shorter wait cost?").wait_for()
    drawn(page, 3)
    axe(page)
    page.get_by_role("link", name="Its own page, to save").click()
    page.get_by_role("button", name="Save under a name").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").get_by_text("Give the run a name.").wait_for()
    axe(page)
    page.get_by_label("Name of the run").fill("The best we found")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The best we found is saved.").wait_for()
    drawn(page, 3)
    axe(page)


def compares_two(page, axe):
    page.get_by_role("navigation", name="Our MR").get_by_role("link", name="Runs").click()
    page.get_by_label("Compare The best we found").check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    page.get_by_role("alert").get_by_text("Choose two, three or four runs").wait_for()
    axe(page)
    page.get_by_label("Compare Run 2").check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    page.get_by_role("heading", name="Which run is better, and at what price?").wait_for()
    drawn(page, 4)
    axe(page)


def shares_downloads_and_repeats(page, axe, worker):
    page.get_by_role("link", name="Open The best we found").click()
    page.get_by_role("button", name="Share with the group").click()
    page.get_by_text("Everybody who may see plans in Two Rivers Group can read it now").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Excel").click()
    book = CalamineWorkbook.from_path(download.value.path())
    assert book.sheet_names == ["Summary", "Your set", "Levers", "Plans", "Worth", "Weeks"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the brief (PDF)").click()
    with open(download.value.path(), "rb") as file:  # noqa: PTH123
        brief = PdfReader(io.BytesIO(file.read()))
    assert len(brief.pages) == 2
    assert "What would fix it?" in brief.pages[0].extract_text()
    page.get_by_role("button", name="Repeat exactly").click()
    page.get_by_text("Waiting for its turn").wait_for()
    worker(answer)
    page.get_by_text("equal to the last digit, digest included.").wait_for()
    axe(page)


def test_from_a_description_to_a_brief(browser_page, live_server, stage, sign_in, axe, worker):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    describes_a_service(page, live_server, axe)
    uploads_the_list(page, axe)
    drags_a_session(page, axe)
    moves_one_by_keys_and_is_told_what_is_wrong(page, axe)
    runs_it(page, axe, worker)
    describes_measures_and_tries_one(page, axe, worker)
    finds_the_best_and_saves_it(page, axe, worker)
    compares_two(page, axe)
    shares_downloads_and_repeats(page, axe, worker)


PARTS = ["about", "sites", "scanners", "scanners/van", "demand", "demand/routine", "booking", "closures", "list",
         "text", "files", "levers", "prices"]  # fmt: skip


def test_every_part_can_be_changed_and_says_what_is_wrong(browser_page, live_server, stage, sign_in, axe):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    service = a_service(stage.north, stage.people[PLANNER])
    base = f"{live_server.url}/imaging/services/{service.pk}"
    for part in PARTS:
        page.goto(f"{base}/change/{part}/")
        page.locator("main").get_by_role("button").last.click()  # without a reason
        page.get_by_role("alert").get_by_role("link").last.click()
        assert page.title().startswith("Error: ")
        axe(page)
    page.goto(f"{base}/change/scanners/north-mr/")
    page.get_by_label("How many alike").fill("20000")
    page.get_by_label("Reason").fill("x")
    page.get_by_role("button", name="Save as version 2").click()
    page.get_by_role("alert").get_by_text("How many alike: must be <= 10000, got 20000").wait_for()
    axe(page)
    for address in ("versions/", "archive/", "remove/scanners/van/", "runs/"):
        page.goto(f"{base}/{address}")
        axe(page)


def test_several_services_at_once(browser_page, live_server, stage, sign_in, axe):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    a_service(stage.north, stage.people[PLANNER])
    a_service(stage.north, stage.people[PLANNER], service="Another")
    page.goto(f"{live_server.url}/imaging/services/")
    axe(page)
    page.get_by_role("button", name="Put away …").click()
    page.get_by_role("alert").get_by_text("Tick the services first").wait_for()
    axe(page)
    page.get_by_label("Tick Another").check()
    page.get_by_role("button", name="Put away …").click()
    page.get_by_role("heading", name="Before you put away").wait_for()
    page.get_by_role("button", name="Put away").click()
    page.get_by_role("alert").get_by_text("Say why it is put away.").wait_for()
    axe(page)
    page.get_by_label("Reason").fill("described twice")
    page.get_by_role("button", name="Put away").click()
    page.get_by_text("Done for 1 of 1 services.").wait_for()
    assert CapacityService.objects.in_use().count() == 1


@pytest.mark.parametrize("width", [390, 683])
def test_only_tables_scroll_sideways(browser_page, live_server, stage, sign_in, width):
    page, planner = browser_page, stage.people[PLANNER]
    service = a_service(stage.north, planner)
    runs = [answered(service, planner, kind, name=kind) for kind in ("nothing", "set", "search")]
    sign_in(page, live_server, planner)
    page.set_viewport_size({"width": width, "height": 800})
    base = f"/imaging/services/{service.pk}/"
    both = f"run={runs[1].pk}&run={runs[2].pk}"
    for address in ("/imaging/services/", base, f"{base}nothing/", f"{base}plan/", f"{base}runs/", f"{base}versions/",
                    f"{base}change/text/", f"{base}runs/compare/?{both}", "/imaging/services/describe/",
                    *(f"/imaging/services/runs/{run.pk}/" for run in runs)):  # fmt: skip
        page.goto(f"{live_server.url}{address}")
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
