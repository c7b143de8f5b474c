"""Pages that span services, and the pages that say what went wrong."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import push_url

from trustwide.commons.accounts.rules import NotAllowedError, SignedInRequest, permission_required
from trustwide.commons.measures import icons
from trustwide.commons.nhsuk.fields import Component, component
from trustwide.web.actions import delete_view, save_view
from trustwide.web.columns import short_sentence, signed
from trustwide.web.exports import as_csv, as_workbook
from trustwide.web.forms import PressureForm, SaveViewForm
from trustwide.web.models import SavedView
from trustwide.web.pressure import ROWS_OF_AN_EXPORT, HomePage, home_page
from trustwide.web.saved_views import QUESTIONS, asked_view
from trustwide.web.search import find


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Where is the pressure?"""
    if not request.user.has_perm("view_measures"):
        return render(request, "web/no_role.jinja")
    page = home_page(request.user, request.GET)
    template = "web/pressure.jinja" if request.htmx else "web/home.jinja"
    response = render(request, template, _home_context(request, page))
    patch_vary_headers(response, ["HX-Request"])
    return push_url(response, f"{reverse('home')}?{page.asked.query()}") if request.htmx else response


@require_safe
@permission_required("view_measures")
def pressure_csv(request: SignedInRequest) -> HttpResponse:
    """The table of the home page, all its pages, as CSV."""
    return as_csv(home_page(request.user, request.GET, rows=ROWS_OF_AN_EXPORT))


@require_safe
@permission_required("view_measures")
def pressure_xlsx(request: SignedInRequest) -> HttpResponse:
    """The table of the home page, all its pages, as a workbook."""
    return as_workbook(home_page(request.user, request.GET, rows=ROWS_OF_AN_EXPORT))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_measures")
def new_view(request: SignedInRequest) -> HttpResponse:
    """Keep the filters and columns of the address under a name."""
    page, query = asked_view(request.user, request.GET)
    form = SaveViewForm(request.user, page, request.POST or None)
    if request.method == "POST" and form.is_valid():
        view = save_view(form.cleaned_data["name"], query, page=page, by=request.user)
        messages.success(request, f'The view is saved as "{view.name}".')
        return redirect(f"{reverse(page)}?{query}")
    context = {"form": form, "back": f"{reverse(page)}?{query}", "back_text": QUESTIONS[page]}
    return render(request, "web/new_view.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_measures")
def remove_view(request: SignedInRequest, view_id: int) -> HttpResponse:
    """Forget a saved view."""
    view = get_object_or_404(SavedView.objects.for_user(request.user), pk=view_id)
    if request.method == "POST":
        delete_view(view, by=request.user)
        messages.success(request, f'The view "{view.name}" is deleted.')
        return redirect(view.page)
    return render(request, "web/remove_view.jinja", {"view": view, "back_text": QUESTIONS[view.page]})


@require_safe
@permission_required("view_measures")
def search(request: SignedInRequest) -> HttpResponse:
    """Which site or list?"""
    text = request.GET.get("q", "").strip()[:100]
    return render(request, "web/search.jinja", {"text": text, "found": find(request.user, text)})


def _fields(form: PressureForm) -> dict[str, Component]:
    made = {name: component(form[name]) for name in form.fields}
    for name in ("concerns", "columns"):
        made[name].params["classes"] = "nhsuk-checkboxes--small"
    return made


def _home_context(request: SignedInRequest, page: HomePage) -> dict[str, object]:
    return {
        "page": page,
        "form": page.form,
        "fields": _fields(page.form),
        "variation": icons.variation,
        "assurance": icons.assurance,
        "short_sentence": short_sentence,
        "signed": signed,
    }


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: the server answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of a form did not match: usually the page was left open over a new sign-in."""
    return _problem(
        request, 403, "This form has expired", "Go back, reload the page and send the form again. Nothing was saved."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Without the request, which may be refused before anybody knows who sent it."""
    return _bare_problem(
        request,
        400,
        "We could not read that request",
        "Go back, check the address and what you entered, and try again.",
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, NotAllowedError) else "You may not open this page."
    return _problem(request, 403, "You are not allowed to do this", sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(
        request,
        404,
        "Page not found",
        "Check the address, or start again from the home page. If a link brought you here, it may be about a site "
        "that you are not a member of.",
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _problem(request, 429, "Too many attempts", "Wait five minutes, then try again.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request: whatever failed, such as the database, would fail again for the navigation."""
    sentence = "You did nothing wrong. Try again in a few minutes; if it happens again, tell whoever runs this service."
    return _bare_problem(request, 500, "Something went wrong here", sentence)


def _bare_problem(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    only_the_nonce = {"csp_nonce": getattr(request, "csp_nonce", "")}
    context = {"title": title, "sentence": sentence, "request": only_the_nonce}
    page = render_to_string("web/problem.jinja", context)
    return HttpResponse(page, status=status)


def _problem(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    return render(request, "web/problem.jinja", {"title": title, "sentence": sentence}, status=status)
