"""Journey of a planner: from a list to its plan, moving measures, finding the best, saving, comparing, repeating."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import PASSWORD, build_cast
from trustwide.services.imaging import plan_actions
from trustwide.services.imaging.models import Plan
from trustwide.services.imaging.tests.plan_stage import PLANNER, a_plan, answered, ask, import_growing_list

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ASKED = "weeks=6&by=2026-03&confidence=80&futures=100"


@pytest.fixture
def stage(settings):
    settings.JOBS = "queue"  # no worker runs, so that the journey itself says when a search is done
    cast = build_cast()
    import_growing_list()
    return cast


@pytest.fixture
def worker(monkeypatch):
    """worker(action): done when a page next asks how far its search is, by the server's own thread.

    The tests' database in memory is one connection; a thread of the tests that writes would meet the pages that read.
    """
    waiting = []
    monkeypatch.setattr(plan_actions, "take_up_again", lambda run: waiting and waiting.pop()(run))
    return waiting.append


def is_at_a_quarter(run):
    Plan.objects.filter(pk=run.pk).update(status="running", progress_done=8, progress_total=32)


def answer(run):
    plan_actions.run_plan(run.pk)


def drawn(page, number):
    """Wait until this many charts are drawn ; a polled script would be evaluated, which the pages' CSP refuses."""
    page.locator("[data-drawn=yes]").nth(number - 1).wait_for(state="attached")


def said(page):
    return page.locator(".app-said").inner_text()


def opens_the_plan_from_the_list(page, live_server, stage, axe):
    page.goto(f"{live_server.url}/imaging/N1/MRI/")
    page.get_by_label("Email address").fill(stage.people[PLANNER].email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="What would fix it?").click()
    page.get_by_role("heading", name="What would fix the MRI list at North?").wait_for()
    page.get_by_text("2,075 people wait").wait_for()
    drawn(page, 2)
    axe(page)


def moves_the_measures(page, live_server, axe):
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/?{ASKED}")
    drawn(page, 2)
    before = said(page)
    assert before.startswith("With no measure")
    page.get_by_label("Insourced weekend lists for half a year").check()
    page.get_by_text("With one measure").first.wait_for()
    page.wait_for_url(f"**/?{ASKED}&lever=insourcing")
    one = said(page)
    drawn(page, 2)
    axe(page)

    lever = page.locator(".app-lever", has_text="Insourced weekend lists")
    lever.get_by_text("Change").click()
    lever.get_by_label("Size").fill("40")
    lever.get_by_label("Size").blur()
    page.wait_for_url("**&size-insourcing=40")
    assert said(page) != one
    lever.get_by_text("Change").wait_for()
    expect(lever.get_by_label("Size")).to_have_value("40")
    expect(page.get_by_label("A new scanner with staff")).to_be_disabled()
    axe(page)


def asks_wrongly_then_for_the_best(page, axe):
    page.get_by_label("Mean wait, weeks").fill("soon")
    page.get_by_label("Mean wait, weeks").blur()
    page.get_by_role("alert").get_by_role("link", name="The target is not a number").click()
    expect(page.get_by_label("Mean wait, weeks")).to_be_focused()
    axe(page)
    page.get_by_label("Mean wait, weeks").fill("6")
    page.get_by_label("Mean wait, weeks").press("Enter")
    page.get_by_role("button", name="Find the best plan").click()
    page.get_by_text("Waiting for its turn: 0%").wait_for()
    axe(page)


def leaves_and_comes_back_to_the_search(page, live_server, axe, worker):
    worker(is_at_a_quarter)
    page.get_by_text("Looking for the best plan: 25%").wait_for()
    run = Plan.objects.get()
    page.goto(f"{live_server.url}/imaging/plans/")
    page.get_by_role("row", name="Running").wait_for()
    axe(page)
    page.get_by_role("link", name=f"Search {run.pk}").click()
    page.get_by_text("Looking for the best plan: 25%").wait_for()
    axe(page)
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/")
    page.get_by_text("Looking for the best plan: 25%").wait_for()
    worker(answer)
    page.get_by_role("heading", name="What does more certainty cost?").wait_for()
    drawn(page, 4)
    axe(page)
    return run.pk


def saves_a_set(page, axe):
    page.get_by_role("link", name="Load plan 3").click()
    drawn(page, 4)
    page.get_by_role("button", name="Save this set").click()
    axe(page)
    page.get_by_role("button", name="Save plan").click()
    page.get_by_role("alert").get_by_text("Give the plan a name.").wait_for()
    axe(page)
    page.get_by_label("Name of the plan").fill("The third best")
    page.get_by_role("button", name="Save plan").click()
    page.get_by_text("The third best is saved.").wait_for()
    drawn(page, 4)
    axe(page)


def compares_two(page, live_server, stage, axe):
    answered(stage, "validation", name="Only validation")
    page.goto(f"{live_server.url}/imaging/plans/")
    page.get_by_label("Compare The third best").check()
    page.get_by_role("button", name="Compare the chosen plans").click()
    page.get_by_role("alert").get_by_text("Choose two, three or four plans").wait_for()
    axe(page)
    page.get_by_label("Compare Only validation").check()
    page.get_by_role("button", name="Compare the chosen plans").click()
    page.get_by_role("heading", name="Which plan is better, and at what price?").wait_for()
    drawn(page, 4)
    axe(page)


def repeats_shares_and_puts_away(page, axe, worker, number):
    page.get_by_role("link", name="Open The third best").click()
    page.get_by_role("button", name="Repeat exactly").click()
    page.get_by_text("Waiting for its turn").wait_for()
    worker(answer)
    page.get_by_text("equal to the last digit, digest included.").wait_for()
    axe(page)
    page.get_by_role("button", name="Share with the group").click()
    page.get_by_text("Everybody who may see plans for North Hospital").wait_for()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Excel").click()
    assert download.value.suggested_filename == f"plan-{number}.xlsx"
    page.get_by_role("button", name="Rename").click()
    axe(page)
    page.go_back()
    page.get_by_role("button", name="Put away").click()
    page.get_by_label("Reason").wait_for()
    page.get_by_role("button", name="Put away").click()
    page.get_by_role("alert").get_by_text("Say why the plan is put away.").wait_for()
    axe(page)


def test_from_a_list_to_a_plan_that_is_compared_and_repeated(browser_page, live_server, stage, axe, worker):
    page = browser_page
    opens_the_plan_from_the_list(page, live_server, stage, axe)
    moves_the_measures(page, live_server, axe)
    asks_wrongly_then_for_the_best(page, axe)
    number = leaves_and_comes_back_to_the_search(page, live_server, axe, worker)
    saves_a_set(page, axe)
    compares_two(page, live_server, stage, axe)
    repeats_shares_and_puts_away(page, axe, worker, number)


def test_what_went_wrong_is_said_in_sentences(browser_page, live_server, stage, sign_in, axe):
    page, planner = browser_page, stage.people[PLANNER]
    sign_in(page, live_server, planner)
    base = f"{live_server.url}/imaging/plans"
    for query, sentence in (
        ("weeks=0&by=2026-03", "The target is 0, but"),
        ("weeks=2&by=2020-03", "March 2020 is not after December 2025"),
        ("size-van-days=lots", "the size must be a number"),
    ):
        page.goto(f"{base}/N1/MRI/?{query}")
        page.get_by_role("alert").get_by_text(sentence).wait_for()
        assert page.title().startswith("Error: ")
        axe(page)
    page.goto(f"{base}/N1/CT/")
    page.get_by_text("North Hospital has returned no CT month yet").wait_for()
    axe(page)

    failed = ask(stage, name="Fails")
    Plan.objects.filter(pk=failed.pk).update(confidence=7)
    plan_actions.run_plan(failed.pk)
    page.goto(f"{base}/{failed.pk}/")
    page.get_by_text("confidence: got 7").wait_for()
    axe(page)
    assert page.goto(f"{base}/{a_plan(stage.south, stage.chief).pk}/").status == 404
    axe(page)
    stopped = ask(stage, name="Stops")
    page.goto(f"{base}/{stopped.pk}/")
    page.get_by_role("button", name="Cancel the search").click()
    page.get_by_text("The search is cancelled.").wait_for()
    axe(page)


def test_keys_alone_switch_a_measure_on(browser_page, live_server, stage, sign_in):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/?{ASKED}&lever=extra-sessions")
    box = page.get_by_label("Validate the list: is the test still wanted?")
    box.focus()
    page.keyboard.press("Space")
    page.get_by_text("With two measures").first.wait_for()
    assert box.is_checked()
    assert box.evaluate("box => box === document.activeElement")
    assert "With two measures" in page.locator("#plan-said").inner_text()


def test_measures_that_exclude_each_other_switch_each_other_off(browser_page, live_server, stage, sign_in):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    asked = ASKED.replace("2026-03", "2026-06")
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/?{asked}&lever=extra-sessions")
    page.get_by_label("Twice as many evening and weekend sessions").check()
    page.wait_for_url("**&lever=more-sessions")
    expect(page.get_by_label("Evening and weekend sessions", exact=True)).not_to_be_checked()
    assert "With one measure" in said(page)


def test_the_search_takes_what_was_typed_last(browser_page, live_server, stage, sign_in):
    page = browser_page
    sign_in(page, live_server, stage.people[PLANNER])
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/?{ASKED}")
    page.get_by_label("Mean wait, weeks").fill("5")
    page.get_by_label("Validate the list: is the test still wanted?").check()
    page.get_by_role("button", name="Save this set").click()
    page.get_by_role("heading", name="Save a plan for").wait_for()
    assert "weeks=5" in page.url and "lever=validation" in page.url and "csrf" not in page.url
    page.get_by_text("With one measure").wait_for()
    page.goto(f"{live_server.url}/imaging/plans/N1/MRI/?{ASKED}")
    page.get_by_label("Mean wait, weeks").fill("4")
    page.get_by_role("button", name="Find the best plan").click()
    page.get_by_text("Waiting for its turn: 0%").wait_for()
    assert Plan.objects.get().target_weeks == 4


@pytest.mark.parametrize("width", [390, 683])
def test_only_tables_scroll_sideways(browser_page, live_server, stage, sign_in, width):
    page, one, two = browser_page, *(answered(stage, lever, name=lever) for lever in ("insourcing", "validation"))
    sign_in(page, live_server, stage.people[PLANNER])
    page.set_viewport_size({"width": width, "height": 800})
    plans = f"/imaging/plans/{one.pk}/", f"/imaging/plans/compare/?plan={one.pk}&plan={two.pk}"
    for address in ("/", "/imaging/N1/MRI/", "/imaging/plans/", f"/imaging/plans/N1/MRI/?run={one.pk}", *plans):
        page.goto(f"{live_server.url}{address}")
        expect(page.locator("[data-vega-spec]:not([data-drawn=yes])")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
