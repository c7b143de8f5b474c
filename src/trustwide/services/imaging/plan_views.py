"""What would fix it? Measures to switch on and off for one list, the search for the best, and the plans kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh, replace_url

from trustwide.analysis.capacity import HistoryError
from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging import plan_actions, plan_forms, plan_pages, plan_words
from trustwide.services.imaging.diagnostic_tests import BY_CODE, TEST_CHOICES
from trustwide.services.imaging.figures import tests_returned
from trustwide.services.imaging.plan_forms import Setup
from trustwide.services.imaging.plan_models import Plan, plan_id
from trustwide.services.imaging.plan_pages import PlanPage
from trustwide.services.imaging.plan_rules import can_change_plan, can_share, check_can_change_plan
from trustwide.services.imaging.runs import RunStateError

PLANS_A_PAGE = 25
FEWEST_TO_COMPARE, MOST_TO_COMPARE = 2, 4


@require_safe
@permission_required("view_plans")
def plan(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """What would fix it?"""
    site = _site(request, code, test)
    try:
        page = _page(request, site, test, request.GET)
    except HistoryError as error:
        context = {"site": site, "test": BY_CODE[test], "sentence": str(error)}
        return render(request, "imaging/plan_nothing.jinja", context)
    context = {"page": page, "site": site, "form": page.form, "words": plan_words} | _search(page)
    context |= plan_pages.question_fields(page.form)
    context["may_make"] = can(request.user, "make_plans", site)
    if not request.htmx:
        return render(request, "imaging/plan.jinja", context)
    here = f"{request.path}?{page.query}" if page.setup else request.get_full_path()
    if page.setup is None:
        return HttpResponseClientRedirect(here)
    return replace_url(render(request, "imaging/plan_moved.jinja", context), here)


@require_POST
@permission_required("view_plans")
def find_plan(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """Look for the best plan for the question on the screen."""
    site = _site(request, code, test)
    check_can(request.user, "make_plans", site)
    asked = _asked(request)
    page = _page_to_act_on(request, site, test, asked)
    here = reverse("imaging:plan", args=[code, test])
    if page is None or page.setup is None:
        return redirect(f"{here}?{asked.urlencode()}")
    try:
        run = plan_actions.ask_plan(site, test, page.setup, by=request.user)
    except RunStateError as error:
        messages.error(request, str(error))
        return redirect(f"{here}?{page.query}")
    return redirect(f"{here}?{page.setup.query(page.usual.levers)}&run={run.pk}#search")


@permission_required("view_plans")
def save_plan(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """Keep the measures that are switched on under a name."""
    site = _site(request, code, test)
    check_can(request.user, "make_plans", site)
    page = _page_to_act_on(request, site, test, request.GET)
    if page is None or page.setup is None:
        return redirect(f"{reverse('imaging:plan', args=[code, test])}?{request.GET.urlencode()}")
    form = plan_forms.SavePlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _save(request, page, page.setup, form.cleaned_data)
        except RunStateError as error:
            form.add_error(None, str(error))
        else:
            searching = "; its answer is being worked out" if kept.is_active else ""
            messages.success(request, f"{kept} is saved{searching}.")
            return redirect("imaging:saved_plan", kept.pk)
    return render(request, "imaging/plan_save.jinja", {"page": page, "site": site, "form": form})


@require_safe
@permission_required("view_plans")
def plans(request: SignedInRequest) -> HttpResponse:
    """Which plans are there?"""
    return _list(request, "")


@require_safe
@permission_required("view_plans")
def start_plan(request: SignedInRequest) -> HttpResponse:
    """Go to the plan page of the list that was chosen."""
    form = plan_forms.StartPlanForm(sites_where(request.user, "view_plans"), tests_returned(request.user), request.GET)
    if not form.is_valid():
        return _list(request, "", start=form)
    return redirect("imaging:plan", form.cleaned_data["site"], form.cleaned_data["test"])


@require_safe
@permission_required("view_plans")
def compare_plans(request: SignedInRequest) -> HttpResponse:
    """Which of these plans is better, and at what price?"""
    asked = [plan_id(text) for text in request.GET.getlist("plan")]
    found = {each.pk: each for each in Plan.objects.for_user(request.user).filter(pk__in=asked).select_related("site")}
    if len(found) < len(set(asked)):
        raise Http404
    chosen = [found[pk] for pk in dict.fromkeys(asked) if found[pk].status == Plan.Status.DONE]
    if not FEWEST_TO_COMPARE <= len(chosen) <= MOST_TO_COMPARE:
        return _list(request, "Choose two, three or four plans that are done, then compare them.")
    axes = plan_pages.common_axes(chosen)
    columns = [
        {"plan": each, "pictures": plan_pages.saved_pictures(each, axes, f"plan-{each.pk}"),
         "titles": plan_pages.lever_titles(each.given)}
        for each in chosen
    ]  # fmt: skip
    return render(request, "imaging/plan_compare.jinja", {"columns": columns, "words": plan_words})


@require_safe
@permission_required("view_plans")
def saved_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """One plan as it was answered, to read, print and repeat."""
    kept = _plan(request, plan_id)
    context = {
        "plan": kept,
        "site": kept.site,
        "words": plan_words,
        "may_change": can_change_plan(request.user, kept),
        "may_make": can(request.user, "make_plans", kept.site),
        "can_share": can_share(kept),
        "repeat": kept.repeats.order_by("-pk").first(),
    }
    if kept.status == Plan.Status.DONE:
        context |= {"query": plan_pages.load_query(kept), "pictures": plan_pages.saved_pictures(kept)}
        context |= {"measures": plan_forms.measures_of(kept), "notes": plan_pages.notes_of(kept)}
        context |= {"rows": plan_pages.ranked(kept.given, kept.chosen, lambda ids: "")}
        context |= plan_pages.result_pictures(kept.given, kept.chosen)
    return render(request, "imaging/plan_saved.jinja", context)


@require_safe
@permission_required("view_plans")
def plan_progress(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """How far a search is; once it is over, to where its answer is."""
    run = _plan(request, plan_id)
    if not run.is_active:
        # a search is watched on the plan page of its list, every other run on its own page
        own_page = run.is_saved or run.repeat_of_id is not None
        if run.status == Plan.Status.DONE and run.is_saved and run.repeat_of_id is None:
            messages.success(request, f"{run} is saved.")
        return HttpResponseClientRefresh() if own_page else HttpResponseClientRedirect(_answer_address(run))
    plan_actions.take_up_again(run)
    return render(request, "imaging/plan_progress.jinja", {"run": run})


@require_POST
@permission_required("view_plans")
def cancel_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Stop a search."""
    run = _plan(request, plan_id)
    if plan_actions.cancel_plan(run, by=request.user):
        messages.info(request, "The search is cancelled.")
    return redirect(_answer_address(run))


@require_POST
@permission_required("view_plans")
def repeat_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Answer a plan again from its stored inputs."""
    kept = _plan(request, plan_id)
    try:
        plan_actions.repeat_plan(kept, by=request.user)
    except RunStateError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('imaging:saved_plan', args=[kept.pk])}#repeat")


@permission_required("view_plans")
def rename_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Change the name and the note of a plan."""
    kept = _plan(request, plan_id)
    check_can_change_plan(request.user, kept)
    form = plan_forms.SavePlanForm(request.POST or None, initial={"name": kept.name, "note": kept.note})
    if request.method == "POST" and form.is_valid():
        plan_actions.rename_plan(kept, by=request.user, **form.cleaned_data)
        messages.success(request, f"The plan is now called {kept}.")
        return redirect("imaging:saved_plan", kept.pk)
    return render(request, "imaging/plan_rename.jinja", {"plan": kept, "site": kept.site, "form": form})


@require_POST
@permission_required("view_plans")
def share_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Share a plan with the group, or stop sharing it."""
    kept = _plan(request, plan_id)
    shared = request.POST.get("shared") == "yes"
    try:
        plan_actions.share_plan(kept, shared=shared, by=request.user)
    except RunStateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _shared_sentence(request, kept) if shared else "Only you can open this plan now.")
    return redirect("imaging:saved_plan", kept.pk)


@permission_required("view_plans")
def archive_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Put a plan away, with the reason."""
    kept = _plan(request, plan_id)
    check_can_change_plan(request.user, kept)
    form = plan_forms.ArchivePlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan_actions.archive_plan(kept, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{kept} is put away. Its address still opens it.")
        return redirect("imaging:plans")
    return render(request, "imaging/plan_archive.jinja", {"plan": kept, "site": kept.site, "form": form})


@require_safe
@permission_required("view_plans")
def plan_json(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """The plan as JSON: its answer and all that it follows from."""
    kept = _plan(request, plan_id)
    inputs = {name: getattr(kept, name) for name in plan_actions.INPUTS if name != "site_id"}
    body = {"site": kept.site.code, "inputs": inputs, "version": kept.version, "result": kept.result}
    response = JsonResponse(body | {"chosen": kept.outcome}, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="plan-{kept.pk}.json"'
    return response


def _site(request: SignedInRequest, code: str, test: str) -> Site:
    if test not in BY_CODE:
        raise Http404
    visible = sites_where(request.user, "view_plans").select_related("partner__partnership")
    return get_object_or_404(visible, code=code)


def _asked(request: SignedInRequest) -> QueryDict:
    """What the form on the screen says; the address where nothing was sent with it."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    return sent or request.GET


def _page(request: SignedInRequest, site: Site, test: str, asked: QueryDict) -> PlanPage:
    try:
        return plan_pages.plan_page(request.user, site, test, asked)
    except Plan.DoesNotExist:
        raise Http404 from None


def _page_to_act_on(request: SignedInRequest, site: Site, test: str, asked: QueryDict) -> PlanPage | None:
    """Nothing where the list has no months; the page itself says so."""
    try:
        return _page(request, site, test, asked)
    except HistoryError:
        return None


def _plan(request: SignedInRequest, plan_id: int) -> Plan:
    visible = Plan.objects.for_user(request.user).select_related(
        "site__partner__partnership", "created_by", "repeat_of"
    )
    return get_object_or_404(visible, pk=plan_id)


def _search(page: PlanPage) -> dict[str, Any]:
    """The part of the page below the switches: the search under way, or what it found."""
    context: dict[str, Any] = {"run": page.run, "rows": page.rows()}
    if page.result is not None:
        chosen = page.setup.chosen if page.setup and page.asks_what_was_answered else ("",)
        context |= plan_pages.result_pictures(page.result, chosen)
    return context


def _save(request: SignedInRequest, page: PlanPage, setup: Setup, wanted: dict[str, str]) -> Plan:
    """An answered question is kept as it is; any other is asked first."""
    if page.run is not None and page.result is not None and page.asks_what_was_answered and not page.newer_months:
        return plan_actions.save_plan(page.run, chosen=setup.chosen, by=request.user, **wanted)
    return plan_actions.ask_plan(page.site, page.test, setup, by=request.user, **wanted)


def _answer_address(run: Plan) -> str:
    if run.repeat_of_id is not None:
        return f"{reverse('imaging:saved_plan', args=[run.repeat_of_id])}#repeat"
    if run.is_saved:
        return reverse("imaging:saved_plan", args=[run.pk])
    return f"{reverse('imaging:plan', args=[run.site.code, run.test])}?{plan_pages.load_query(run)}"


def _shared_sentence(request: SignedInRequest, kept: Plan) -> str:
    link = request.build_absolute_uri(reverse("imaging:saved_plan", args=[kept.pk]))
    return f"Everybody who may see plans for {kept.site} can open it now: {link}"


def _list(request: SignedInRequest, problem: str, start: plan_forms.StartPlanForm | None = None) -> HttpResponse:
    visible = Plan.objects.for_user(request.user)
    sites = sites_where(request.user, "view_plans")
    returned, planned = tests_returned(request.user), set(visible.order_by().values_list("test", flat=True).distinct())
    tests = [choice for choice in TEST_CHOICES if choice in returned or choice[0] in planned]
    form = plan_forms.PlanFilterForm(sites.filter(plans__in=visible).distinct(), tests, request.GET)
    asked = {name: value for name, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    found = visible.originals().light()
    found = found.filter(site__code=asked["site"]) if "site" in asked else found
    found = found.filter(test=asked["test"]) if "test" in asked else found
    found = found.filter(created_by=request.user) if "mine" in asked else found
    rest = request.GET.copy()
    rest.pop("page", None)
    context = {
        "filter": form, "start": start or plan_forms.StartPlanForm(sites, returned, None), "problem": problem,
        "plans": Paginator(found, PLANS_A_PAGE).get_page(request.GET.get("page")),
        "query": f"{rest.urlencode()}&" if rest else "", "form": start, "chosen": request.GET.getlist("plan"),
    }  # fmt: skip
    return render(request, "imaging/plan_list.jinja", context)
