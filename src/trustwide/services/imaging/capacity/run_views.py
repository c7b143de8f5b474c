"""What happens if nothing changes? Runs of a service: asking, watching, reading, comparing, keeping."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.services.imaging.capacity import run_actions, run_forms, run_pages, service_forms, words
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun
from trustwide.services.imaging.capacity.rules import (
    can_change_run,
    can_share_run,
    check_can_change_run,
)
from trustwide.services.imaging.capacity.run_context import answer_context
from trustwide.services.imaging.capacity.views import service_context, service_of
from trustwide.services.imaging.plan_models import plan_id
from trustwide.services.imaging.runs import RunStateError

RUNS_A_PAGE = 25
FEWEST_TO_COMPARE, MOST_TO_COMPARE = 2, 4


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_plans")
def nothing(request: SignedInRequest, service_id: int) -> HttpResponse:
    """What happens if nothing changes?"""
    found, version = service_of(request, service_id)
    form = run_forms.RunForm(request.POST if request.method == "POST" else None, initial=run_forms.USUAL)
    if request.method == "POST" and form.is_valid():
        try:
            asked = run_actions.ask_run(version, ServiceRun.Kind.NOTHING, by=request.user, **form.given())
        except RunStateError as error:
            form.add_error(None, str(error))
        else:
            return redirect(f"{reverse('imaging:nothing', args=[found.pk])}?run={asked.pk}")
    here = ServiceRun.objects.for_user(request.user).filter(of__service=found, kind=ServiceRun.Kind.NOTHING)
    run = _asked_run(request, here)
    context = service_context(request, found, "nothing") | {
        "form": form,
        "version": version,
        "run": run,
        "words": words,
    }
    return render(request, "imaging/capacity/nothing.jinja", context | answer_context(run))


@require_safe
@permission_required("view_plans")
def service_runs(request: SignedInRequest, service_id: int) -> HttpResponse:
    """What was asked of this service?"""
    return _list(request, service_id, "")


@require_safe
@permission_required("view_plans")
def compare_runs(request: SignedInRequest, service_id: int) -> HttpResponse:
    """Which of these runs is better, and at what price?"""
    asked = [plan_id(text) for text in request.GET.getlist("run")]
    visible = ServiceRun.objects.for_user(request.user).filter(of__service=service_id)
    runs = {run.pk: run for run in visible.filter(pk__in=asked).select_related("of__service__site", "created_by")}
    if len(runs) < len(set(asked)):
        raise Http404
    chosen = [runs[pk] for pk in dict.fromkeys(asked) if runs[pk].status == ServiceRun.Status.DONE]
    if not FEWEST_TO_COMPARE <= len(chosen) <= MOST_TO_COMPARE:
        return _list(request, service_id, "Choose two, three or four runs that are done, then compare them.")
    found, _ = service_of(request, service_id)
    axes = run_pages.common_axes(chosen)
    columns = [run_pages.column(run, axes) for run in chosen]
    context = service_context(request, found, "runs") | {"columns": columns, "words": words, "pages": run_pages}
    return render(request, "imaging/capacity/compare.jinja", context)


@require_safe
@permission_required("view_plans")
def service_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """One run as it was answered, to read, print, share and repeat."""
    run = run_of(request, run_id)
    context = service_context(request, run.service, "runs") | {
        "run": run, "words": words, "may_change_run": can_change_run(request.user, run),
        "can_share": can_share_run(run), "repeat": run.repeats.order_by("-pk").first(),
    }  # fmt: skip
    return render(request, "imaging/capacity/run.jinja", context | answer_context(run))


@require_safe
@permission_required("view_plans")
def run_progress(request: SignedInRequest, run_id: int) -> HttpResponse:
    """How far a run is; once it is over, the page is asked for again."""
    run = run_of(request, run_id)
    if not run.is_active:
        return HttpResponseClientRefresh()
    run_actions.take_up_again(run)
    return render(request, "imaging/capacity/progress.jinja", {"run": run})


@require_POST
@permission_required("view_plans")
def cancel_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Stop a run."""
    run = run_of(request, run_id)
    if run_actions.cancel_run(run, by=request.user):
        messages.info(request, "The run is cancelled.")
    return redirect("imaging:service_run", run.repeat_of_id or run.pk)


@require_POST
@permission_required("view_plans")
def repeat_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Answer again from the stored version."""
    run = run_of(request, run_id)
    try:
        run_actions.repeat_run(run, by=request.user)
    except RunStateError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('imaging:service_run', args=[run.pk])}#repeat")


@permission_required("view_plans")
def name_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Save a run under a name, or change it."""
    run = run_of(request, run_id)
    check_can_change_run(request.user, run)
    form = run_forms.NameForm(request.POST or None, initial={"name": run.name, "note": run.note})
    if request.method == "POST" and form.is_valid():
        try:
            run_actions.name_run(run, by=request.user, **form.cleaned_data)
        except RunStateError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{run} is saved.")
            return redirect("imaging:service_run", run.pk)
    return _form(request, run, form, "Save the run under a name", "Save")


@require_POST
@permission_required("view_plans")
def share_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Share a run with the group, or stop sharing it."""
    run = run_of(request, run_id)
    shared = request.POST.get("shared") == "yes"
    try:
        run_actions.share_run(run, shared=shared, by=request.user)
    except RunStateError as error:
        messages.error(request, str(error))
    else:
        link = request.build_absolute_uri(reverse("imaging:service_run", args=[run.pk]))
        everybody = f"Everybody who may see plans in {run.site.partner.partnership} can read it now: {link}"
        only = f"Only those who may see plans at {run.site} can open it now."
        messages.success(request, everybody if shared else only)
    return redirect("imaging:service_run", run.pk)


@permission_required("view_plans")
def archive_run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Put a run away, with the reason."""
    run = run_of(request, run_id)
    check_can_change_run(request.user, run)
    form = service_forms.ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        run_actions.archive_run(run, by=request.user, **form.cleaned_data)
        messages.success(request, f"{run} is put away. Its address still opens it.")
        return redirect("imaging:service_runs", run.of.service_id)
    return _form(request, run, form, "Put the run away", "Put away")


@require_safe
@permission_required("view_plans")
def run_json(request: SignedInRequest, run_id: int) -> HttpResponse:
    """The run as JSON: its answer and what it follows from, but for the rows of the waiting list.

    Who reads only the run, because it was shared, does not get the description it rests on.
    """
    run = run_of(request, run_id)
    body = {
        "service": run.service.name, "version": run.of.number, "fingerprint": run.of.fingerprint,
        "kind": run.kind, "question": run.question,
        "replications": run.replications, "seed": run.seed, "program": run.version, "digest": run.digest,
        "result": run.result,
    }  # fmt: skip
    if CapacityService.objects.for_user(request.user).filter(pk=run.service.pk).exists():
        body |= {"description": run.of.mapping, "levers": run.of.lever_list}
    return JsonResponse(body, json_dumps_params={"indent": 1}, headers=attachment(f"run-{run.pk}.json"))


def run_of(request: SignedInRequest, run_id: int) -> ServiceRun:
    """A run this person may see."""
    visible = ServiceRun.objects.for_user(request.user).select_related(
        "of__service__site__partner__partnership", "of__service__newest", "created_by", "repeat_of"
    )
    run: ServiceRun = get_object_or_404(visible, pk=run_id)
    return run


def _asked_run(request: SignedInRequest, runs: Any) -> ServiceRun | None:
    """The run that the address names, or the newest one that did not fail."""
    runs = runs.select_related("of__service__site", "created_by")
    if "run" in request.GET:
        asked: ServiceRun = get_object_or_404(runs, pk=plan_id(request.GET["run"]))
        return asked
    failed = (ServiceRun.Status.FAILED, ServiceRun.Status.CANCELLED)
    newest: ServiceRun | None = runs.originals().exclude(status__in=failed).first()
    return newest


def _form(request: SignedInRequest, run: ServiceRun, form: Any, title: str, button: str) -> HttpResponse:
    context = service_context(request, run.service, "runs") | {
        "run": run, "form": form, "title": title, "button_text": button
    }  # fmt: skip
    return render(request, "imaging/capacity/run_form.jinja", context)


def _list(request: SignedInRequest, service_id: int, problem: str) -> HttpResponse:
    found, _ = service_of(request, service_id)
    form = run_forms.RunFilterForm(request.GET)
    asked = {name: value for name, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    runs = ServiceRun.objects.for_user(request.user).filter(of__service=found).originals().light()
    runs = runs.filter(kind=asked["kind"]) if "kind" in asked else runs
    runs = runs.filter(created_by=request.user) if "mine" in asked else runs
    rest = request.GET.copy()
    rest.pop("page", None)
    context = service_context(request, found, "runs") | {
        "filter": form, "problem": problem, "query": f"{rest.urlencode()}&" if rest else "",
        "runs": Paginator(runs, RUNS_A_PAGE).get_page(request.GET.get("page")), "ticked": request.GET.getlist("run"),
    }  # fmt: skip
    return render(request, "imaging/capacity/runs.jinja", context)
