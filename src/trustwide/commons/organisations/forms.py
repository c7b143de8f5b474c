"""Forms for the identity of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from django import forms
from django.core.exceptions import ValidationError

from trustwide.commons.organisations.models import Place, Site

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

LARGEST_LOGO = 50_000
REASON = "Why? This is kept in the audit record."


class SiteIdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, colour and logo of a site."""

    logo_file = forms.FileField(
        label="Logo", required=False, help_text="An SVG drawing of up to 50 kB. Leave empty to keep the present one."
    )
    remove_logo = forms.BooleanField(label="Remove the present logo", required=False)
    reason = forms.CharField(label="Reason for the change", max_length=300, help_text=REASON)

    class Meta:
        model = Site
        fields = ["name", "short_name", "colour"]
        labels = {"short_name": "Short name"}
        help_texts = {
            "short_name": "Used where space is tight, such as tables.",
            "colour": "As # and six hexadecimal digits, for example #005eb8. Text on it is black or white by itself.",
        }
        widgets = {"colour": forms.TextInput(attrs={"class": "nhsuk-input--width-10"})}

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def clean_logo_file(self) -> str:
        """The text of the drawing, or nothing."""
        file: UploadedFile[bytes] | None = self.cleaned_data["logo_file"]
        return read_logo(file) if file else ""

    def logo(self) -> str:
        """The logo the site has after this form."""
        if self.cleaned_data["remove_logo"]:
            return ""
        return str(self.cleaned_data["logo_file"] or self.instance.logo)


class RenamePlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the site itself calls a place."""

    reason = forms.CharField(label="Reason for the change", max_length=300, help_text=REASON)

    class Meta:
        model = Place
        fields = ["local_name"]
        labels = {"local_name": "Local name"}
        help_texts = {"local_name": "What people at this site call it. Leave empty to use the standard name."}


def read_logo(file: UploadedFile[bytes]) -> str:
    """The SVG text of an uploaded file. Refuses whatever could run, or fetch from elsewhere."""
    if file.size is None or file.size > LARGEST_LOGO:
        raise ValidationError(f"{file.name} is larger than 50 kB. Simplify the drawing and upload it again.")
    try:
        text = file.read().decode("utf-8")
        # without a document type there are no entities to expand
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValidationError(f"{file.name} has a document type. Save it as plain SVG and upload it again.")
        root = ElementTree.fromstring(text)  # noqa: S314
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise ValidationError(f"{file.name} is not an SVG drawing. Save the logo as SVG and upload it again.") from None
    if _local(root.tag) != "svg":
        raise ValidationError(f"{file.name} is not an SVG drawing. Save the logo as SVG and upload it again.")
    if any(_is_active(element) for element in root.iter()):
        raise ValidationError(
            f"{file.name} holds a script or a link to elsewhere. Save it as plain SVG without them and upload it again."
        )
    return str(text)


def _is_active(element: ElementTree.Element[Any]) -> bool:
    if _local(element.tag) in {"script", "foreignobject", "iframe"}:
        return True
    return any(
        _local(name).startswith("on") or (_local(name) == "href" and not value.startswith("#"))
        for name, value in element.attrib.items()
    )


def _local(name: str) -> str:
    return str(name).rpartition("}")[2].lower()
