"""What would fix it? Measures to switch on and off for a service, one set to try, the search for the best."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.nhsuk.fields import component
from trustwide.services.imaging.capacity import run_actions, run_forms, words
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun, ServiceVersion
from trustwide.services.imaging.capacity.run_context import answer_context
from trustwide.services.imaging.capacity.run_forms import QuestionForm
from trustwide.services.imaging.capacity.views import service_context, service_of
from trustwide.services.imaging.plan_models import plan_id
from trustwide.services.imaging.runs import RunStateError

DO = {"set": ServiceRun.Kind.SET, "search": ServiceRun.Kind.SEARCH}
FIRST = ("weeks", "by", "confidence")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_plans")
def service_plan(request: SignedInRequest, service_id: int) -> HttpResponse:
    """What would fix it?"""
    found, version = service_of(request, service_id)
    asks = request.method == "POST"
    run = None if asks else _run(request, found)
    form = run_forms.question_form(version, _sent(request) if asks else request.GET, run)
    shown = form.is_valid()
    if asks and shown:
        try:
            asked = _ask(request, version, form)
        except RunStateError as error:
            form.add_error(None, str(error))
        else:
            return redirect(f"{reverse('imaging:service_plan', args=[found.pk])}?run={asked.pk}#answer")
    context = service_context(request, found, "plan") | _fields(form, version) | {
        "form": form, "version": version, "run": run, "words": words, "page_path": request.path,
        "asks_what_was_answered": run is not None and shown and _same(run, version, form),
    }  # fmt: skip
    return render(request, "imaging/capacity/plan.jinja", context | answer_context(run))


def _ask(request: SignedInRequest, version: ServiceVersion, form: QuestionForm) -> ServiceRun:
    kind = DO.get(request.POST.get("do", ""), ServiceRun.Kind.SET)
    return run_actions.ask_run(version, kind, by=request.user, question=form.question(), **form.given())


def _sent(request: SignedInRequest) -> QueryDict:
    """What the form sends; it says itself which measures are on, so that none is taken from an older run."""
    sent = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "do"):
        sent.pop(name, None)
    return sent


def _run(request: SignedInRequest, found: CapacityService) -> ServiceRun | None:
    """The run that the address names, or the person's newest about this service, unless the address asks anew."""
    kinds = (ServiceRun.Kind.SET, ServiceRun.Kind.SEARCH)
    here = ServiceRun.objects.for_user(request.user).filter(of__service=found, kind__in=kinds)
    here = here.select_related("of__service__site", "created_by")
    if "run" in request.GET:
        asked: ServiceRun = get_object_or_404(here, pk=plan_id(request.GET["run"]))
        return asked
    if request.GET.keys() & {"weeks", "by", "lever"}:
        return None
    failed = (ServiceRun.Status.FAILED, ServiceRun.Status.CANCELLED)
    newest: ServiceRun | None = here.originals().filter(created_by=request.user).exclude(status__in=failed).first()
    return newest


def _same(run: ServiceRun, version: ServiceVersion, form: QuestionForm) -> bool:
    """Whether the run answered what is on the screen, about the service as it is now."""
    asked, question = ({**each, "levers": sorted(each["levers"])} for each in (run.question, form.question()))
    if run.kind == ServiceRun.Kind.SEARCH:
        asked["levers"] = question["levers"]  # a search looks through them all
    given = {"replications": run.replications, "seed": run.seed}
    return run.of_id == version.pk and asked == question and given == form.given()


def _fields(form: QuestionForm, version: ServiceVersion) -> dict[str, Any]:
    """The fields of the question as the page groups them, and the measures as switches."""
    limits = ["budget", *(f"staff-{role}" for role in form.roles)]
    on = set(form.data.get("lever", []))
    switches = [
        {"lever": lever, "title": words.lever_title(lever), "does": words.lever_does(lever), "on": lever["id"] in on,
         "price": words.price(lever_prices(lever)), "staff": words.staff(lever),
         "excludes": " ".join(_excluded(lever, form.levers))}
        for lever in form.levers
    ]  # fmt: skip
    return {
        "question": [component(form[name]) for name in FIRST], "limits": [component(form[name]) for name in limits],
        "method": [component(form[name]) for name in ("replications", "seed")], "switches": switches,
        "limits_open": any(form[name].value() for name in limits), "notes": version.notes,
    }  # fmt: skip


def lever_prices(lever: dict[str, Any]) -> dict[str, float]:
    """The three prices of a measure, 0 where its file says none."""
    return {key: lever.get(key, 0) for key in ("cost_per_year", "one_off", "capital")}


def _excluded(lever: dict[str, Any], levers: list[dict[str, Any]]) -> list[str]:
    both = {other["id"] for other in levers if lever["id"] in other.get("excludes", [])}
    return sorted(both | set(lever.get("excludes", [])))
