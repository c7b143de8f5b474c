"""Journey of a planner: what is measured, how it is defined, which of its figures can be doubted, and the chart."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.measures.definition import measures_over
from trustwide.commons.measures.figures import OBSERVATION
from trustwide.commons.measures.models import Observation
from trustwide.commons.measures.quality.actions import check
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.measures import TABLE
from trustwide.services.imaging.tests.returns import frame, one_return
from trustwide.services.imaging.tests.stage import STAGE, import_lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1366, "height": 768}


@pytest.fixture
def cast():
    """Two years of lists, in which the CT list of North was returned as empty in March 2025."""
    import polars as pl

    cast = build_cast()
    import_lists(cast)
    import_returns(frame(one_return("N1", "CT", 14, waiting=0, over=0, tests=900)), by=STAGE, source="tests")
    codes = [definition.code for definition in measures_over(TABLE)]
    rows = list(Observation.objects.filter(measure__in=codes).order_by().values_list(*OBSERVATION))
    check(pl.DataFrame(rows, list(OBSERVATION), orient="row", infer_schema_length=None))
    return cast


def at_both_widths(page, axe, tables_fit):
    """No fault of accessibility, and nothing wider than its place, on a laptop and on a phone."""
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), size
        tables_fit(page)


def test_from_what_is_measured_to_a_figure_to_doubt(cast, browser_page, live_server, axe, tables_fit, sign_in):
    page = browser_page
    sign_in(page, live_server, cast.people["planner"])
    page.goto(f"{live_server.url}/", timeout=60_000)  # the first visit loads the engine of the measures
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Measures").click()
    page.get_by_role("heading", name="What do we measure?").wait_for()
    expect(page.locator(".nhsuk-table--responsive").first).to_be_attached()
    at_both_widths(page, axe, tables_fit)
    page.get_by_label("Words in it").fill("six weeks people")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(2)

    page.get_by_role("link", name="People waiting six weeks or more for a test", exact=True).click()
    page.get_by_role("heading", name="What is this measure?").wait_for()
    page.get_by_text("The expression that computes it").click()
    expect(page.get_by_role("region", name="The expression in SQL")).to_contain_text("SELECT")
    at_both_widths(page, axe, tables_fit)
    page.get_by_label("What they say").select_option(label="Improvement")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("No chart fits.").wait_for()
    axe(page)

    page.get_by_label("Breadcrumb").get_by_role("link", name="What do we measure?").click()
    page.get_by_role("link", name="Which figures can be doubted?", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("to doubt")
    at_both_widths(page, axe, tables_fit)
    page.get_by_label("Kind").select_option(label="Zero-filled")
    page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row", name="CT: People waiting for a test")
    expect(row).to_contain_text("March 2025: zero, where about")
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Zeros")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Zeros", exact=True).wait_for()
    row.get_by_role("link", name="CT: People waiting for a test", exact=True).click()
    page.get_by_role("heading", name="Is this change real?").wait_for()

    page.goto(f"{live_server.url}/data-quality/?where=group&kind=jump&site=nowhere")
    page.get_by_text("Nothing fits.").wait_for()
    axe(page)
    page.goto(f"{live_server.url}/data-quality/?where=moon")
    page.get_by_role("alert").wait_for()
    axe(page)
