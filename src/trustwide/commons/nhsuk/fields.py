"""Any Django form field as the NHS.UK component that fits its widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField


@dataclass(frozen=True)
class Component:
    """The name of an NHS.UK macro and what to give it."""

    macro: str
    params: dict[str, Any]


INPUT_WIDGETS = (forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.DateInput)


def components(form: forms.BaseForm) -> list[Component]:
    """The visible fields of a form, in order."""
    return [component(field) for field in form.visible_fields()]


def component(field: BoundField) -> Component:
    """One field. Its label, hint, value, choices and first error are filled in."""
    widget = field.field.widget
    params = _common(field)
    if isinstance(widget, forms.CheckboxInput):
        return Component("checkboxes", _single_checkbox(field, params))
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        several = isinstance(widget, forms.CheckboxSelectMultiple)
        return Component("checkboxes" if several else "radios", _group(field, params))
    if isinstance(widget, forms.Select):
        params["attributes"] = _attributes(field)
        params["items"] = [
            {"value": value, "text": text, "selected": _is_chosen(field, value)} for value, text in _choices(field)
        ]
        return Component("select", params)
    if isinstance(widget, forms.Textarea):
        return Component("textarea", params | _textarea(field))
    if isinstance(widget, forms.PasswordInput):
        return Component("passwordInput", params | {"autocomplete": widget.attrs.get("autocomplete")})
    if isinstance(widget, forms.ClearableFileInput | forms.FileInput):
        return Component("fileUpload", params | {"attributes": _attributes(field)})
    return Component("input", params | _input(field, widget))


def error_list(form: forms.BaseForm) -> list[dict[str, str]]:
    """Every error, as the error summary lists them: each links to its field, those of the whole form to the first."""
    found = []
    first = next(iter(form.visible_fields()), None)
    for name in form.errors:
        target = form[name] if name in form.fields else first
        messages = sentences(form[name]) if name in form.fields else [str(error) for error in form.errors[name]]
        found += [{"text": message, "href": f"#{_anchor(target)}"} for message in messages if target is not None]
    return found


def sentences(field: BoundField) -> list[str]:
    """The errors of a field. Where Django only says that it is required, say what to do instead."""
    chosen = isinstance(field.field.widget, forms.widgets.ChoiceWidget | forms.CheckboxInput | forms.FileInput)
    label = str(field.label)
    do_this = f"{'Choose' if chosen else 'Enter'} {label[:1].lower()}{label[1:]}"
    bare = str(forms.Field.default_error_messages["required"])
    return [do_this if str(error) == bare else str(error) for error in field.errors]


def _common(field: BoundField) -> dict[str, Any]:
    params: dict[str, Any] = {
        "id": field.id_for_label or field.auto_id,
        "name": field.html_name,
        "label": {"text": str(field.label), "size": "s"},
    }
    if field.help_text:
        params["hint"] = {"text": str(field.help_text)}
    if field.errors:
        params["errorMessage"] = {"text": sentences(field)[0]}
    return params


def _single_checkbox(field: BoundField, params: dict[str, Any]) -> dict[str, Any]:
    item = {"value": "on", "text": str(field.label), "checked": bool(field.value()), "id": params["id"]}
    if hint := params.pop("hint", None):
        item["hint"] = hint
    params.pop("label")
    return params | {"idPrefix": params.pop("id"), "items": [item]}


def _group(field: BoundField, params: dict[str, Any]) -> dict[str, Any]:
    items = [
        {"value": str(value), "text": text, "checked": _is_chosen(field, value)}
        for value, text in _choices(field)
        if value != ""
    ]
    legend = {"text": params.pop("label")["text"], "size": "s"}
    params.pop("id")
    return params | {"idPrefix": field.auto_id, "fieldset": {"legend": legend}, "items": items}


def _textarea(field: BoundField) -> dict[str, Any]:
    attributes = _attributes(field)
    made = {"value": field.value() or "", "rows": attributes.pop("rows", None), "classes": attributes.pop("class", "")}
    attributes.pop("cols", None)
    return made | {"attributes": attributes}


def _input(field: BoundField, widget: forms.Widget) -> dict[str, Any]:
    attributes = _attributes(field)
    kind = getattr(widget, "input_type", "text")
    value = field.value()
    if isinstance(widget, forms.TextInput | forms.DateInput):
        value = widget.format_value(value)
    made: dict[str, Any] = {
        "type": kind,
        "value": "" if value is None else str(value),
        "autocomplete": attributes.pop("autocomplete", None),
        "inputmode": attributes.pop("inputmode", "numeric" if kind == "number" else None),
        "classes": attributes.pop("class", ""),
        "attributes": attributes,
    }
    return made


def _attributes(field: BoundField) -> dict[str, str]:
    """HTML attributes of the widget, without those the component sets itself."""
    attrs = field.build_widget_attrs(field.field.widget.attrs)
    # a browser's own refusal would hide our sentence
    left_out = {"required", "aria-describedby", "aria-invalid", "id", "placeholder", "autofocus", "minlength"}
    return {name: str(value) for name, value in attrs.items() if name not in left_out and value is not False}


def _choices(field: BoundField) -> list[tuple[Any, str]]:
    flat: list[tuple[Any, str]] = []
    for value, text in field.field.widget.choices:
        flat += [(value, str(text))] if not isinstance(text, list | tuple) else [(v, str(t)) for v, t in text]
    return flat


def _is_chosen(field: BoundField, value: Any) -> bool:
    current = field.value()
    chosen = current if isinstance(current, list | tuple | set) else [current]
    return str(value) in {"" if one is None else str(one) for one in chosen}


def _anchor(field: BoundField) -> str:
    return field.id_for_label or field.auto_id
