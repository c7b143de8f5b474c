"""The template engine: NHS.UK components, our own macros, and the words and formats every page uses."""

from __future__ import annotations

from typing import Any

from django.template import TemplateDoesNotExist
from django.template.backends.jinja2 import Jinja2, Template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from trustwide.commons.nhsuk import contrast, fields, formats

FILTERS = {
    "thousands": formats.thousands,
    "percent": formats.percent,
    "pounds": formats.pounds,
    "day": formats.day,
    "month": formats.month,
    "clock": formats.clock,
    "weeks": formats.weeks,
}


class NhsukTemplates(Jinja2):
    """Jinja2 over each app's `templates` folder, for names that end in .jinja; other names go to the next engine."""

    app_dirname = "templates"

    def get_template(self, template_name: str) -> Template:
        if not template_name.endswith(".jinja"):
            raise TemplateDoesNotExist(template_name, backend=self)
        return super().get_template(template_name)


def environment(**options: Any) -> Environment:
    """A Jinja2 environment as NHS.UK's macros need it: missing values are empty, at any depth."""
    loader = ChoiceLoader([options.pop("loader"), PackageLoader("nhsuk_frontend_jinja")])
    # .jinja names must be escaped too, which Jinja's own choice by extension would leave out
    options |= {"autoescape": True, "undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(loader=loader, **options)  # noqa: S701
    made.filters.update(FILTERS)
    made.globals.update(
        url=_url,
        static=static,
        now=timezone.now,
        text_colour_on=contrast.text_colour_on,
        form_fields=fields.components,
        form_errors=fields.error_list,
    )
    return made


def _url(name: str, /, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)
