"""Who is sent the report: each for themselves, and all of them for those who manage people."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.performance.exceptions import ReportScopeError
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.signals.actions import subscribe
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.web.performance.actions import end_report_subscription, subscribe_to_report
from trustwide.web.performance.models import ReportSubscription


def of(user, kind="site", code="N1", day=28, format_="pdf"):
    return subscribe_to_report(scope_of(user, kind, code), day=day, format_=format_, by=user)


def test_somebody_subscribes_changes_the_day_and_ends_it(stage, client):
    nurse = stage.people["ward_nurse"]
    client.force_login(nurse)
    assert "You are sent none." in Page(client.get("/performance/subscriptions/")).text
    asked = {"scope": "site:N1", "format": "pdf", "day": "5"}
    assert "North Hospital" in Page(client.post("/performance/subscriptions/new/", asked, follow=True)).text
    client.post("/performance/subscriptions/new/", asked | {"day": "9"})
    (mine,) = ReportSubscription.objects.all()
    assert (mine.owner, mine.where, mine.day) == (nurse, stage.north, 9)
    client.post(f"/performance/subscriptions/{mine.pk}/end/")
    assert not ReportSubscription.objects.exists()
    assert AuditEvent.objects.last().action == "ended a subscription to the performance report"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": "29"}, "Enter a day from 1 to 28"),
        ({"day": "soon"}, "Enter a day as a number, such as 5"),
        ({"scope": "partnership:group"}, "There is no such report, or you may not see all of it."),
        ({"format": "doc"}, "There is a problem"),
    ],
)
def test_what_cannot_be_asked_for_is_told(stage, client, wrong, said):
    client.force_login(stage.people["ward_nurse"])
    asked = {"scope": "site:N1", "format": "pdf", "day": "5"} | wrong
    assert said in Page(client.post("/performance/subscriptions/new/", asked)).text
    assert not ReportSubscription.objects.exists()


def test_nobody_subscribes_to_what_they_may_not_see(stage):
    whole = scope_of(stage.chief, "partnership", "group")
    with pytest.raises(ReportScopeError):
        subscribe_to_report(whole, day=1, format_="pdf", by=stage.people["ward_nurse"])


def test_the_first_is_due_on_the_next_such_day(stage):
    today = timezone.localdate()
    made = of(stage.chief, day=1)
    assert made.sent_in == today.replace(day=1)
    assert not ReportSubscription.objects.due(today).exists()
    after = (today.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    assert ReportSubscription.objects.due(after).get() == made
    ReportSubscription.objects.update(day=2)
    assert not ReportSubscription.objects.due(after).exists()


def test_one_page_lists_all_for_those_who_manage_people(stage, client):
    nurse, manager = stage.people["ward_nurse"], stage.people["administrator"]
    of(nurse)
    of(stage.chief, "partnership", "group", format_="xlsx")
    subscribe(nurse, code="falls")
    subscribe(stage.chief)
    client.force_login(manager)
    page = Page(client.get("/performance/subscriptions/all/"))
    assert [row[:3] for row in page.tables[0][1:]] == [["North Ward nurse", "North Hospital", "PDF"]]
    assert [row[:2] for row in page.tables[1][1:]] == [["North Ward nurse", "Falls"]]
    client.force_login(stage.chief)
    page = Page(client.get("/performance/subscriptions/all/"))
    assert len(page.tables[0]) == len(page.tables[1]) == 3
    client.force_login(nurse)
    assert client.get("/performance/subscriptions/all/").status_code == 403


def test_an_administrator_ends_those_of_people_they_look_after_only(stage, client):
    own, chiefs = of(stage.people["ward_nurse"]), of(stage.chief, "partnership", "group")
    client.force_login(stage.people["administrator"])
    assert client.post(f"/performance/subscriptions/{chiefs.pk}/end/").status_code == 404
    assert client.post(f"/performance/subscriptions/{own.pk}/end/").status_code == 302
    assert ReportSubscription.objects.get() == chiefs
    with pytest.raises(NotAllowedError, match="You may not end a subscription of Chief Administrator"):
        end_report_subscription(chiefs, by=stage.people["administrator"])
