"""Every address of the site, tried by everybody. An address that is not in the table below fails the test.

To add a page, add its name with the permission it takes, and the arguments for a site of the person's own (North) and
for one that is not (South). `SIGNED_IN` pages need no permission; `OPEN` pages need no account.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver, reverse

from tests.fixtures.api_pages import API_PAGES
from tests.fixtures.booking_pages import BOOKING_PAGES, book_at_both
from tests.fixtures.improvement_pages import IMPROVEMENT_PAGES, project_at_both
from tests.fixtures.page_table import NOT_FOUND, ONLY_POST, OPEN, REDIRECTS, REFUSALS, SIGNED_IN, Arguments, Page
from tests.fixtures.performance_pages import PERFORMANCE_PAGES, report_for_the_chief
from tests.fixtures.signal_pages import SIGNAL_PAGES, signal_at_both
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.rules import PERMISSIONS
from trustwide.commons.accounts.tests.cast import Cast, build_cast
from trustwide.commons.measures.actions import annotate_chart, ghost_period, rebase_chart
from trustwide.commons.measures.models import Annotation, Ghost, Rebase
from trustwide.services.imaging.capacity.run_actions import cancel_run
from trustwide.services.imaging.capacity.tests.service_stage import a_service, ask
from trustwide.services.imaging.flow.tests.floor_stage import a_layout
from trustwide.services.imaging.models import CapacityService, ServiceRun
from trustwide.services.imaging.tests.plan_stage import a_plan
from trustwide.services.imaging.tests.returns import month
from trustwide.services.imaging.tests.stage import STAGE, STEP, import_lists

pytestmark = pytest.mark.django_db


def of_site(permission: str, **more: Any) -> Page:
    """A page about one site."""
    return Page(permission, own=lambda cast: {"code": "N1"}, other=lambda cast: {"code": "S1"}, **more)


def of_person(permission: str) -> Page:
    """A page about the nurse at North, and about the chief, whom nobody at North looks after."""
    return Page(
        permission,
        own=lambda cast: {"person_id": cast.people["ward_nurse"].pk},
        other=lambda cast: {"person_id": cast.chief.pk},
    )


def of_list(permission: str, **more: Any) -> Page:
    """A page about the MRI list of one site."""
    return Page(
        permission,
        own=lambda cast: {"code": "N1", "test": "MRI"},
        other=lambda cast: {"code": "S1", "test": "MRI"},
        **more,
    )


def of_chart(permission: str, mark: type | None = None, **more: Any) -> Page:
    """A page about the chart of the MRI list of one site, or about something that is marked on it."""

    def at(code: str) -> Arguments:
        def arguments(cast: Cast) -> dict[str, Any]:
            marked = {"mark_id": mark.objects.get(site__code=code).pk} if mark else {}
            return {"measure": "dm01_waiting_list", "code": code, "breakdown": "MRI", **marked}

        return arguments

    return Page(permission, own=at("N1"), other=at("S1"), **more)


def of_plan(permission: str, **more: Any) -> Page:
    """A page about a plan that the chief made for one site and shared."""
    return Page(
        permission,
        own=lambda cast: {"plan_id": a_plan(cast.north, cast.chief).pk},
        other=lambda cast: {"plan_id": a_plan(cast.south, cast.chief).pk},
        **more,
    )


def of_service(permission: str, **more: Any) -> Page:
    """A page about the service that one site keeps; `more` may name arguments that stand beside the service."""
    beside = more.pop("beside", {})
    return Page(
        permission,
        own=lambda cast: {"service_id": CapacityService.objects.get(site=cast.north).pk, **beside},
        other=lambda cast: {"service_id": CapacityService.objects.get(site=cast.south).pk, **beside},
        **more,
    )


def of_run(permission: str, **more: Any) -> Page:
    """A page about a run that the chief asked for, of the service that one site keeps."""
    return Page(
        permission,
        own=lambda cast: {"run_id": ServiceRun.objects.get(of__service__site=cast.north).pk},
        other=lambda cast: {"run_id": ServiceRun.objects.get(of__service__site=cast.south).pk},
        **more,
    )


def of_layout(permission: str, **more: Any) -> Page:
    """A page about the layout of a department at one site."""
    return Page(
        permission,
        own=lambda cast: {"layout_id": a_layout(cast.north).pk},
        other=lambda cast: {"layout_id": a_layout(cast.south).pk},
        **more,
    )


def membership_of(user: Any) -> dict[str, int]:
    return {"membership_id": user.memberships.get().pk}


PAGES = {
    "healthz": Page(OPEN),
    # where the pressure is
    "home": Page(SIGNED_IN),
    "pressure_csv": Page("view_measures"),
    "pressure_xlsx": Page("view_measures"),
    "search": Page("view_measures"),
    "new_view": Page("view_measures"),
    "remove_view": Page("view_measures", own=lambda cast: {"view_id": 1}, answers=NOT_FOUND),
    # lists and their charts
    "imaging:history": of_list("view_measures"),
    "imaging:history_rows": of_list("view_measures"),
    "imaging:band_drawing": of_list("view_measures"),
    # plans
    "imaging:plans": Page("view_plans"),
    "imaging:start_plan": Page("view_plans"),
    "imaging:compare_plans": Page("view_plans"),
    "imaging:plan": of_list("view_plans"),
    "imaging:find_plan": of_list("make_plans", answers=ONLY_POST),
    "imaging:save_plan": of_list("make_plans"),
    "imaging:saved_plan": of_plan("view_plans"),
    "imaging:plan_progress": of_plan("view_plans"),
    "imaging:plan_json": of_plan("view_plans"),
    "plan_workbook": of_plan("view_plans", answers=NOT_FOUND),
    "imaging:cancel_plan": of_plan("view_plans", answers=ONLY_POST),
    "imaging:repeat_plan": of_plan("view_plans", answers=ONLY_POST),
    "imaging:share_plan": of_plan("view_plans", answers=ONLY_POST),
    "imaging:rename_plan": of_plan("manage_sites"),
    "imaging:archive_plan": of_plan("manage_sites"),
    # services as they are described, and their runs
    "imaging:services": Page("view_plans"),
    "imaging:services_csv": Page("view_plans"),
    "imaging:services_xlsx": Page("view_plans"),
    "imaging:change_several": Page("view_plans", answers=ONLY_POST),
    "imaging:describe_service": Page("make_plans"),
    "imaging:upload_service": Page("make_plans"),
    "imaging:service": of_service("view_plans"),
    "imaging:service_calendar": of_service("make_plans", answers=REDIRECTS),
    "imaging:change_text": of_service("make_plans"),
    "imaging:replace_files": of_service("make_plans"),
    "imaging:change_list": of_service("make_plans"),
    "imaging:change_levers": of_service("make_plans"),
    "imaging:change_prices": of_service("make_plans"),
    "imaging:change_part": of_service("make_plans", beside={"part": "about"}),
    "imaging:change_row": of_service("make_plans", beside={"part": "scanners", "key": "van"}),
    "imaging:remove_row": of_service("make_plans", beside={"part": "scanners", "key": "van"}),
    "imaging:share_service": of_service("make_plans", answers=ONLY_POST),
    "imaging:archive_service": of_service("make_plans"),
    "imaging:service_versions": of_service("view_plans"),
    "imaging:service_file": of_service("view_plans", beside={"number": 1}),
    "imaging:waiting_list_file": of_service("make_plans", beside={"number": 1}),
    "imaging:lever_file": of_service("view_plans", beside={"number": 1}),
    "imaging:restore_version": of_service("make_plans", beside={"number": 1}),
    "imaging:nothing": of_service("view_plans"),
    "imaging:service_plan": of_service("view_plans"),
    "imaging:service_runs": of_service("view_plans"),
    "imaging:compare_runs": of_service("view_plans"),
    "imaging:service_run": of_run("view_plans"),
    "imaging:run_progress": of_run("view_plans"),
    "imaging:run_json": of_run("view_plans"),
    "imaging:cancel_run": of_run("view_plans", answers=ONLY_POST),
    "imaging:repeat_run": of_run("view_plans", answers=ONLY_POST),
    "imaging:share_run": of_run("view_plans", answers=ONLY_POST),
    "imaging:name_run": of_run("manage_sites"),
    "imaging:archive_run": of_run("manage_sites"),
    "run_workbook": of_run("view_plans", answers=NOT_FOUND),
    "run_brief": of_run("view_plans", answers=NOT_FOUND),
    # floors
    "imaging:floors": Page("view_plans"),
    "imaging:draw_floor": Page("make_plans"),
    "imaging:floor": of_layout("view_plans"),
    "imaging:floor_file": of_layout("view_plans"),
    "imaging:archive_floor": of_layout("make_plans", answers=ONLY_POST),
    "measure_list": Page("view_measures"),
    "measure_definition": Page("view_measures", own=lambda cast: {"measure": "dm01_waiting_list"}),
    "measure_former": Page("view_measures", own=lambda cast: {"measure": "dm01_waiting_list", "number": 1}),
    "data_quality": Page("view_measures"),
    "data_quality_csv": Page("view_measures"),
    "measure_chart": of_chart("view_measures"),
    "measure_picture": of_chart("view_measures"),
    "measure_rows": of_chart("view_measures"),
    "rebase": of_chart("rebase_charts"),
    "annotate": of_chart("rebase_charts"),
    "withdraw_rebase": of_chart("rebase_charts", Rebase),
    "withdraw_annotation": of_chart("rebase_charts", Annotation),
    "ghost": of_chart("rebase_charts"),
    "withdraw_ghost": of_chart("rebase_charts", Ghost),
    # signing in
    "account_login": Page(OPEN, answers=REDIRECTS),
    "account_logout": Page(OPEN, stranger=REDIRECTS),
    "account_inactive": Page(OPEN),
    "account_reset_password_from_key": Page(OPEN, own=lambda cast: {"uidb36": "1", "key": "no-key"}),
    "account_reset_password_from_key_done": Page(OPEN),
    "mfa_authenticate": Page(OPEN, answers=REDIRECTS, stranger=REDIRECTS),
    "openid_connect_login": Page(OPEN, own=lambda cast: {"provider_id": "oidc"}, answers=NOT_FOUND, stranger=NOT_FOUND),
    "openid_connect_callback": Page(
        OPEN, own=lambda cast: {"provider_id": "oidc"}, answers=NOT_FOUND, stranger=NOT_FOUND
    ),
    "socialaccount_login_cancelled": Page(OPEN),
    # one's own account; sensitive pages first ask for the password again
    "my_account": Page(SIGNED_IN),
    "account_reauthenticate": Page(SIGNED_IN),
    "account_change_password": Page(SIGNED_IN),
    "mfa_index": Page(SIGNED_IN),
    "mfa_reauthenticate": Page(SIGNED_IN, answers=REDIRECTS),
    "mfa_activate_totp": Page(SIGNED_IN, answers=REDIRECTS),
    "mfa_deactivate_totp": Page(SIGNED_IN, answers=NOT_FOUND),
    "mfa_view_recovery_codes": Page(SIGNED_IN, answers=NOT_FOUND),
    "mfa_generate_recovery_codes": Page(SIGNED_IN, answers=REDIRECTS),
    "mfa_download_recovery_codes": Page(SIGNED_IN, answers=NOT_FOUND),
    # people and the audit record
    "people": Page("manage_people"),
    "give_role": Page("manage_people"),
    "person": of_person("manage_people"),
    "password_link": of_person("manage_people"),
    "forget_two_step": of_person("manage_people"),
    "take_role": Page(
        "manage_people",
        own=lambda cast: membership_of(cast.people["ward_nurse"]),
        other=lambda cast: membership_of(cast.chief),
    ),
    "audit_list": Page("view_audit"),
    # sites
    "site_list": Page(SIGNED_IN),
    "site_page": of_site("view_measures"),
    "edit_site": of_site("manage_sites"),
    "edit_place": Page(
        "manage_sites",
        own=lambda cast: {"code": "N1", "place_id": cast.room.pk},
        other=lambda cast: {"code": "S1", "place_id": cast.south.places.get().pk},
    ),
    "site_logo": of_site("view_measures", answers=NOT_FOUND),
    **BOOKING_PAGES,
    **SIGNAL_PAGES,
    **IMPROVEMENT_PAGES,
    **PERFORMANCE_PAGES,
    **API_PAGES,
}


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every address by the name that reverse() knows it by; one without a name by its pattern."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def test_every_address_is_in_the_table():
    assert set(names(get_resolver())) == set(PAGES), "add new pages to PAGES, with the permission they take"


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker):
    """One cast for all pages: nothing here writes, and building it for each would take most of the time."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        import_lists(cast)
        for site in (cast.north, cast.south):
            chart = ("dm01_waiting_list", site, "MRI", month(STEP))
            rebase_chart(*chart, reason="for the test", by=STAGE)
            annotate_chart(*chart, text="for the test", by=STAGE)
            ghost_period(*chart, reason="for the test", by=STAGE)
            cancel_run(ask(a_service(site, cast.chief), cast.chief), by=cast.chief)
            a_layout(site)
        book_at_both(cast)
        signal_at_both(cast)
        report_for_the_chief(cast)
        project_at_both(cast)
        yield cast
        transaction.set_rollback(True)


def statuses(client, name: str, arguments: dict[str, Any], *methods: str) -> set[int]:
    url = reverse(name, kwargs=arguments)
    return {getattr(client, method)(url).status_code for method in methods or ("get",)}


@pytest.mark.parametrize("name", PAGES)
def test_strangers_come_no_further_than_the_open_pages(stage, client, name):
    page = PAGES[name]
    url = reverse(name, kwargs=page.own(stage))
    for method in ("get", "post", "put", "delete", "head"):
        response = getattr(client, method)(url)
        if 401 in page.stranger:  # NO_KEY
            assert response.status_code == (401 if method == "get" else 405), f"{method} {url}"
        elif page.permission != OPEN:
            assert response.status_code == 302, f"{method} {url}"
            assert response["Location"].startswith("/accounts/sign-in/"), f"{method} {url}"
        elif method == "get":
            assert response.status_code in page.stranger


@pytest.mark.parametrize("name", PAGES)
def test_each_role_opens_its_pages_at_its_own_site_only(stage, client, name):
    page = PAGES[name]
    own, other = page.own(stage), page.other and page.other(stage)
    for role in Membership.Role.values:
        client.force_login(stage.people[role])
        if page.permission in {OPEN, SIGNED_IN} or page.permission in PERMISSIONS[role]:
            assert statuses(client, name, own) <= page.answers, role
        else:
            assert statuses(client, name, own, "get", "post") <= REFUSALS, role
        if other is not None:
            assert statuses(client, name, other, "get", "post") <= REFUSALS, role


@pytest.mark.parametrize("name", PAGES)
def test_the_administrator_of_the_partnership_opens_every_page(stage, client, name):
    page = PAGES[name]
    client.force_login(stage.chief)
    assert statuses(client, name, page.own(stage)) <= page.answers
    if page.other is not None:
        assert statuses(client, name, page.other(stage)) <= page.answers


@pytest.mark.parametrize("name", PAGES)
def test_somebody_without_a_role_sees_nothing_of_the_group(stage, client, name):
    page = PAGES[name]
    client.force_login(stage.stranger)
    if page.permission in {OPEN, SIGNED_IN}:
        assert statuses(client, name, page.own(stage)) <= page.answers
    else:
        assert statuses(client, name, page.own(stage), "get", "post") <= REFUSALS
