"""The plan pages: what they show, to whom, and at what cost."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.services.imaging import plan_actions
from trustwide.services.imaging.models import Dm01Return, Plan
from trustwide.services.imaging.tests.plan_stage import (
    PLANNER,
    a_plan,
    answered,
    ask,
    import_growing_list,
    workbook,
)

pytestmark = pytest.mark.django_db
# of those, two or three are the session and the person, six the navigation
QUERIES_OF_THE_LIST, QUERIES_OF_A_MOVE = 12, 9
HTMX = {"HX-Request": "true"}
PAGE = "/imaging/plans/N1/MRI/"
LONG = "9" * 30  # more than any column holds; 200 of them are more than Python turns into a number
ASKED = "weeks=6&by=2026-03&confidence=80&futures=100"


@pytest.fixture
def stage(cast, client):
    import_growing_list()
    client.force_login(cast.people[PLANNER])
    return cast


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_before_any_search(stage, client):
    page = text(client.get(PAGE))
    assert "What would fix the MRI list at North?" in page
    assert "2,075 people wait, and those scanned waited" in page
    assert "takes 52 weeks to start" in page
    assert "No search has run yet" in page
    assert page.count("data-vega-spec") == 2


def test_switches_change_the_figures(stage, client):
    off = text(client.get(f"{PAGE}?{ASKED}"))
    on = client.get(f"{PAGE}?{ASKED}&lever=insourcing", headers=HTMX)
    assert "With no measure: " in off
    assert "With one measure: " in text(on)
    assert on["HX-Replace-Url"] == f"{PAGE}?{ASKED}&lever=insourcing"
    assert "<html" not in text(on)
    assert 'id="head-van-days" hx-swap-oob="true"' in text(on)


def test_a_changed_price_changes_the_cost(stage, client):
    usual = text(client.get(f"{PAGE}?{ASKED}&lever=insourcing"))
    dearer = text(client.get(f"{PAGE}?{ASKED}&lever=insourcing&price-insourcing=1950"))
    costs = [page.split("With one measure: ")[1].split("£")[1].split(".")[0] for page in (usual, dearer)]
    assert costs[0] != costs[1]


def test_a_measure_that_cannot_act_by_the_date_is_left_out_with_its_reason(stage, client):
    page = text(client.get(f"{PAGE}?{ASKED}&lever=new-scanner&lever=insourcing"))
    assert "Left out: A new scanner with staff takes 52 weeks to start" in page
    assert "With one measure: " in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("weeks=0&by=2026-03", "The target is 0, but a number of weeks"),
        ("weeks=soon&by=2026-03", "The target is not a number, but"),
        ("weeks=2&by=2020-03", "March 2020 is not after December 2025, the last month returned."),
        ("size-van-days=lots", "Days of a visiting mobile scanner: the size must be a number"),
    ],
)
def test_bad_input_is_an_error_summary(stage, client, query, sentence):
    page = text(client.get(f"{PAGE}?{query}"))
    assert "There is a problem" in page
    assert page.count(sentence) == 2  # in the summary and at the field
    assert "<title>Error: " in page.replace("\n", "").replace("  ", "")
    typed = query.split("&")[0].split("=")[1]
    assert typed in ("0", "2") or f"You typed &#39;{typed}&#39;." in page
    moved = client.get(f"{PAGE}?{query}", headers=HTMX)
    assert moved["HX-Redirect"] == f"{PAGE}?{query}"


def test_a_list_without_a_month_says_so(stage, client):
    page = text(client.get("/imaging/plans/N1/CT/"))
    assert "North Hospital has returned no CT month yet, so there is nothing to plan from." in page
    assert client.post("/imaging/plans/N1/CT/find/")["Location"] == "/imaging/plans/N1/CT/?"
    assert client.get("/imaging/plans/N1/CT/save/").status_code == 302


def test_a_list_with_one_month_is_planned(stage, client):
    Dm01Return.objects.exclude(month="2025-12-01").delete()
    page = text(client.get(f"{PAGE}?{ASKED}"))
    assert "2,075 people wait" in page


def test_a_list_on_which_nobody_waits_says_so_in_a_sentence(stage, client):
    zeros = {f"band_{weeks:02d}": 0 for weeks in range(14)}
    Dm01Return.objects.update(**zeros, waiting_list=0, waiting_list_tests=0)
    response = client.get(f"{PAGE}?{ASKED}")
    assert response.status_code == 200
    assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/imaging/plans/S1/MRI/", "/imaging/plans/XX/MRI/", "/imaging/plans/N1/XX/", f"{PAGE}?run=999", f"{PAGE}?run=x",
     f"{PAGE}?run={LONG}", f"{PAGE}?run={LONG * 200}", f"/imaging/plans/compare/?plan={LONG}",
     f"/imaging/plans/compare/?plan={LONG * 200}", f"/imaging/plans/{LONG}/", f"/imaging/plans/{LONG}/progress/",
     f"/workbooks/plans/{LONG}/plan.xlsx"],
)  # fmt: skip
def test_what_is_not_ones_own_is_not_there(stage, client, address):
    assert client.get(address).status_code == 404


def test_another_sites_plan_is_not_there_by_any_door(stage, client):
    plan = a_plan(stage.south, stage.chief)
    names = ("saved_plan", "plan_progress", "rename_plan", "archive_plan", "plan_json")
    assert {client.get(reverse(f"imaging:{name}", args=[plan.pk])).status_code for name in names} == {404}
    names = ("cancel_plan", "repeat_plan", "share_plan", "rename_plan", "archive_plan")
    assert {client.post(reverse(f"imaging:{name}", args=[plan.pk])).status_code for name in names} == {404}
    assert client.get(reverse("plan_workbook", args=[plan.pk])).status_code == 404
    assert client.get(f"/imaging/plans/compare/?plan={plan.pk}").status_code == 404


def test_who_only_sees_plans_may_move_the_switches_but_keeps_nothing(stage, client):
    client.force_login(stage.people["board_member"])
    page = text(client.get(f"{PAGE}?{ASKED}&lever=insourcing"))
    assert "With one measure" in page
    assert "Find the best plan</button>" not in page
    assert client.post(f"{PAGE}find/?{ASKED}").status_code == 403
    assert client.post(f"{PAGE}save/?{ASKED}", {"name": "x"}).status_code == 403


def test_find_watch_and_read(stage, client, django_capture_on_commit_callbacks):
    found = client.post(f"{PAGE}find/?{ASKED}&lever=insourcing")
    run = Plan.objects.get()
    assert found["Location"] == f"{PAGE}?{ASKED}&lever=insourcing&run={run.pk}#search"
    assert "Waiting for its turn: 0%" in text(client.get(found["Location"]))
    Plan.objects.filter(pk=run.pk).update(status="running", progress_done=8, progress_total=32)
    progress = reverse("imaging:plan_progress", args=[run.pk])
    assert "Looking for the best plan: 25%" in text(client.get(progress, headers=HTMX))
    Plan.objects.filter(pk=run.pk).update(progress_done=32)
    finishing = text(client.get(progress, headers=HTMX))
    assert "Finishing</p>" in finishing
    assert "hx-get" in finishing  # it asks again until there is an answer
    plan_actions.run_plan(run.pk)
    run.refresh_from_db()
    over = client.get(progress, headers=HTMX)["HX-Redirect"]
    assert over.startswith(f"{PAGE}?{ASKED}&lever=")
    page = text(client.get(over))
    assert "Plans, best first" in page
    assert page.count("data-vega-spec") == 4
    assert page.split('id="plan-answer">')[1].split("<")[0] in page.split('id="search"')[1]
    assert "Plans, best first" in text(client.get(PAGE))  # come back later


def test_the_search_is_for_what_is_on_the_screen(stage, client):
    page = text(client.get(f"{PAGE}?{ASKED}"))
    find = re.search(r"<button[^>]*>Find the best plan", page)[0]
    assert 'form="plan-form"' in find and 'formmethod="post"' in find and f'formaction="{PAGE}find/"' in find
    sent = {"weeks": "5", "by": "2026-03", "confidence": "80", "futures": "100", "seed": "1", "lever": "insourcing"}
    found = client.post(f"{PAGE}find/", {**sent, "csrfmiddlewaretoken": "x"})
    assert Plan.objects.get().target_weeks == 5
    assert found["Location"].startswith(f"{PAGE}?weeks=5&") and "csrf" not in found["Location"]
    wrong = client.post(f"{PAGE}find/", {**sent, "weeks": "0"})
    assert "The target is 0" in text(client.get(wrong["Location"]))


def test_a_wrong_question_shows_no_old_answer(stage, client):
    run = answered(stage)
    page = text(client.get(f"{PAGE}?{ASKED.replace('weeks=6', 'weeks=0')}&run={run.pk}"))
    assert "There is a problem" in page and "Put the question right to see what the search found." in page
    assert (
        "Plans, best first" not in page and "data-vega-spec" not in page and "Find the best plan</button>" not in page
    )


def test_only_tests_that_somebody_returned_are_offered(stage, client):
    page = text(client.get("/imaging/plans/"))
    assert page.count('<option value="MRI"') == 2 and '<option value="NEURO"' not in page


def test_a_changed_question_is_not_answered_by_an_old_search(stage, client):
    run = answered(stage)
    same = text(client.get(f"{PAGE}?{ASKED}&run={run.pk}"))
    other = text(client.get(f"{PAGE}?{ASKED.replace('weeks=6', 'weeks=4')}&run={run.pk}"))
    assert "has changed since the search" not in same
    assert "The question or a measure has changed since the search below" in other
    assert "bringing that under four weeks by March 2026" in other.split('id="plan-answer">')[1]


def test_newer_returns_are_pointed_out(stage, client):
    run = answered(stage)
    import_growing_list(months=25)
    page = text(client.get(f"{PAGE}?run={run.pk}"))
    assert "Returns up to January 2026 have come since the search below, which knew those up to December 2025" in page


def test_failed_and_cancelled_searches_say_so(stage, client):
    run = ask(stage)
    Plan.objects.filter(pk=run.pk).update(status="failed", failure="It was too short.")
    assert "It was too short." in text(client.get(f"{PAGE}?run={run.pk}"))
    assert "It was too short." in text(client.get(reverse("imaging:saved_plan", args=[run.pk])))
    other = ask(stage)
    went = client.post(reverse("imaging:cancel_plan", args=[other.pk]), follow=True)
    assert "The search is cancelled." in text(went)
    assert "was cancelled" in text(client.get(reverse("imaging:saved_plan", args=[other.pk])))


def test_save_an_answered_set_under_a_name(stage, client):
    run = answered(stage)
    where = f"{PAGE}save/?{ASKED}&lever=insourcing&run={run.pk}"
    assert "With one measure: " in text(client.get(where))
    assert "Give the plan a name." in text(client.post(where, {"name": ""}))
    saved = client.post(where, {"name": "Weekends", "note": "Agreed."})
    assert saved["Location"] == f"/imaging/plans/{run.pk}/"
    page = text(client.get(saved["Location"]))
    assert "Weekends" in page and "Agreed." in page and "One measure" in page


def test_too_many_searches_are_refused_in_a_sentence(stage, client):
    for _ in range(3):
        ask(stage)
    assert "You have 3 searches under way" in text(client.post(f"{PAGE}find/?{ASKED}", follow=True))
    assert "You have 3 searches under way" in text(client.post(f"{PAGE}save/?{ASKED}", {"name": "x"}))


def test_a_search_that_nobody_begins_says_so(stage, client):
    run = ask(stage)
    Plan.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=2))
    page = text(client.get(f"/imaging/plans/{run.pk}/progress/", headers=HTMX))
    assert "No worker has taken it up yet" in page


def test_saving_what_no_search_answered_asks_first(stage, client):
    saved = client.post(f"{PAGE}save/?{ASKED}&lever=insourcing", {"name": "Weekends", "note": ""})
    plan = Plan.objects.get()
    assert (saved["Location"], plan.status, plan.chosen) == (f"/imaging/plans/{plan.pk}/", "waiting", ["insourcing"])
    assert "The answer is being worked out." in text(client.get(saved["Location"]))
    plan_actions.run_plan(plan.pk)
    assert client.get(f"/imaging/plans/{plan.pk}/progress/", headers=HTMX)["HX-Refresh"] == "true"
    page = text(client.get(saved["Location"]))
    assert "Weekends is saved." in page and "Digest" in page
    assert "this plan takes" in page and "the first plan takes" not in page
    plan.refresh_from_db()
    assert plan.outcome["plan"]["levers"] == ["insourcing"]


def test_the_page_of_a_saved_plan(stage, client):
    plan = answered(stage, "insourcing", name="Weekends")
    page = text(client.get(f"/imaging/plans/{plan.pk}/"))
    for said in (
        "Weekends",
        plan.digest,
        "100 futures from seed 1",
        "12% of today&#39;s tests",
        "£195.00 a test",
        "Only you",
    ):
        assert said in page, said
    repeated = client.post(f"/imaging/plans/{plan.pk}/repeat/")
    assert repeated["Location"] == f"/imaging/plans/{plan.pk}/#repeat"
    assert "Waiting for its turn" in text(client.get(f"/imaging/plans/{plan.pk}/"))
    plan_actions.run_plan(Plan.objects.get(repeat_of=plan).pk)
    assert "equal to the last digit, digest included." in text(client.get(f"/imaging/plans/{plan.pk}/"))


def test_share_rename_and_put_away(stage, client):
    plan = answered(stage, name="Weekends")
    here = f"/imaging/plans/{plan.pk}/"
    shared = client.post(f"{here}share/", {"shared": "yes"}, follow=True)
    assert f"Everybody who may see plans for North Hospital can open it now: http://testserver{here}" in text(shared)
    assert "Only you can open this plan now." in text(client.post(f"{here}share/", {"shared": "no"}, follow=True))
    assert "is now called Evenings" in text(client.post(f"{here}rename/", {"name": "Evenings"}, follow=True))
    gone = client.post(f"{here}archive/", {"reason": "old"}, follow=True)
    assert "Evenings is put away." in text(gone)
    assert "Put away " in text(client.get(here))


def test_downloads_hold_the_same_figures(stage, client):
    plan = answered(stage, name="Weekends")
    body = json.loads(client.get(f"/imaging/plans/{plan.pk}/plan.json").content)
    assert (body["result"], body["inputs"]["history"]) == (plan.result, plan.history)
    sheets = workbook(client.get(reverse("plan_workbook", args=[plan.pk])))
    assert sheets.sheet_names == ["Summary", "History", "As usual", "Closed form", "Levers", "Plans"]
    assert sheets.get_sheet_by_name("History").to_python()[-1][16] == 2075


def test_compare(stage, client):
    first, second = answered(stage, "insourcing", name="One"), answered(stage, "validation", name="Two", weeks=4.0)
    page = text(client.get(f"/imaging/plans/compare/?plan={second.pk}&plan={first.pk}"))
    assert page.index(">Two</th>") < page.index(">One</th>")
    assert "Under four weeks by March 2026" in page and "Under six weeks by March 2026" in page
    specs = [json.loads(spec) for spec in re.findall(r'-list-spec">({.*?})</script>', page)]
    domains = [spec["layer"][0]["encoding"]["y"]["scale"]["domain"] for spec in specs]
    assert len(domains) == 2 and domains[0] == domains[1]


@pytest.mark.parametrize("number", [0, 1, 5])
def test_too_few_or_too_many_to_compare(stage, client, number):
    plan = answered(stage, name="One")
    copies = [
        plan_actions.save_plan(plan, name=str(copy), note="", chosen=(), by=stage.people[PLANNER])
        for copy in range(number)
    ]
    query = "&".join(f"plan={each.pk}" for each in copies)
    assert "Choose two, three or four plans that are done" in text(client.get(f"/imaging/plans/compare/?{query}"))


def test_the_list_and_its_filters(stage, client):
    a_plan(stage.north, stage.chief, name="Shared MRI")
    a_plan(stage.north, stage.chief, name="Secret", shared=False)
    a_plan(stage.public, stage.people[PLANNER], name="Mine CT", test="CT", shared=False)

    def names(query):
        page = text(client.get(f"/imaging/plans/?{query}"))
        return {name for name in ("Shared MRI", "Secret", "Mine CT") if name in page}

    assert names("") == {"Shared MRI", "Mine CT"}
    assert names("mine=yes") == {"Mine CT"}
    assert names("site=N1") == {"Shared MRI"}
    assert names("test=CT") == {"Mine CT"}
    assert names("site=nowhere") == {"Shared MRI", "Mine CT"}


def test_start_from_the_list_of_plans(stage, client):
    went = client.get("/imaging/plans/start/?site=N1&test=MRI")
    assert went["Location"] == PAGE
    assert "Choose a site that is listed." in text(client.get("/imaging/plans/start/?site=S1&test=MRI"))


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_costs_the_same_for_many_plans(stage, client, django_assert_num_queries, number):
    for _ in range(number):
        a_plan(stage.north, stage.chief)
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        client.get("/imaging/plans/")


@pytest.mark.parametrize("months", [3, 24])
def test_a_move_costs_the_same_for_long_histories(stage, client, django_assert_num_queries, months):
    Dm01Return.objects.all().delete()
    import_growing_list(months=months)
    by = {3: "2024-06", 24: "2026-03"}[months]
    query = f"weeks=6&by={by}&confidence=80&futures=100"
    client.get(f"{PAGE}?{query}")
    with django_assert_num_queries(QUERIES_OF_A_MOVE):
        client.get(f"{PAGE}?{query}&lever=validation", headers=HTMX)
