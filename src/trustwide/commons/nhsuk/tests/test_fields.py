"""Every kind of Django field becomes an NHS.UK component that says its label, hint and error."""

from __future__ import annotations

import pytest
from django import forms
from django.template import engines

from trustwide.commons.nhsuk.fields import components, error_list

COLOURS = [("", "Choose"), ("r", "Red"), ("b", "Blue")]


class Everything(forms.Form):
    name = forms.CharField(label="Name", help_text="In full", max_length=10)
    age = forms.IntegerField(label="Age", min_value=0)
    day = forms.DateField(label="Day")
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput)
    story = forms.CharField(label="Story", widget=forms.Textarea)
    colour = forms.ChoiceField(label="Colour", choices=COLOURS)
    shape = forms.ChoiceField(label="Shape", choices=COLOURS, widget=forms.RadioSelect)
    tests = forms.MultipleChoiceField(label="Tests", choices=COLOURS[1:], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="Agreed", help_text="Only if you do")
    file = forms.FileField(label="File")
    token = forms.CharField(widget=forms.HiddenInput, initial="kept")

    def clean(self):
        raise forms.ValidationError("The whole form is wrong")


def rendered(form) -> str:
    template = engines["nhsuk"].env.from_string(
        '{% from "nhsuk/forms.jinja" import errors, fields %}{{ errors(form) }}{{ fields(form) }}'
    )
    return template.render(form=form)


def test_each_widget_has_its_component():
    expected = "input input input passwordInput textarea select radios checkboxes checkboxes fileUpload"
    assert " ".join(component.macro for component in components(Everything())) == expected


@pytest.mark.parametrize("name", [name for name in Everything.base_fields if name != "token"])
def test_label_and_error_are_rendered_and_linked(name):
    html = rendered(Everything({}))
    label = Everything.base_fields[name].label
    assert label in html
    assert f'href="#id_{name}"' in html
    assert f'id="id_{name}"' in html


def test_values_hints_and_hidden_fields_are_kept():
    html = rendered(Everything({"name": "<b>Ann</b>", "age": "3", "tests": ["b"], "shape": "r", "token": "kept"}))
    assert "In full" in html
    assert "&lt;b&gt;Ann&lt;/b&gt;" in html
    assert "<b>Ann" not in html
    assert html.count(" checked") == 2
    assert 'type="hidden" name="token" value="kept"' in html


def test_a_password_never_comes_back():
    assert "hunter2" not in rendered(Everything({"secret": "hunter2"}))


def test_an_error_of_the_whole_form_links_to_its_first_field():
    assert {"text": "The whole form is wrong", "href": "#id_name"} in error_list(Everything({}))


def test_no_summary_without_errors():
    assert "There is a problem" not in rendered(Everything())


def test_what_is_missing_says_what_to_do():
    said = {error["text"] for error in error_list(Everything({}))}
    assert {"Enter name", "Choose colour", "Choose shape", "Choose agreed"} <= said
    assert not any("required" in sentence for sentence in said)
