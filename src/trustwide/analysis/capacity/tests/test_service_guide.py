"""The reference page names every field of the format, and only those."""

from trustwide.analysis.capacity.service_fields import ServiceFields
from trustwide.analysis.capacity.service_guide import service_file_body
from trustwide.analysis.capacity.service_meanings import MEANINGS


def test_every_field_has_a_meaning():
    schema = ServiceFields.model_json_schema()
    fields = {name: list(part["properties"]) for name, part in {"ServiceFields": schema, **schema["$defs"]}.items()}
    assert {name: list(meanings) for name, meanings in MEANINGS.items()} == {name: fields[name] for name in MEANINGS}
    assert set(MEANINGS) == set(fields)


def test_limits_and_defaults_are_those_of_the_fields():
    page = service_file_body()
    assert "| `release_days` | whole number >= 0, <= 3,660 | 0 |" in page
    assert "| `share` | number >= 0, <= 1 |  | of the stream's patients |" in page
    assert "| `weekdays` | list of 7 number >= 0 | none |" in page
    assert "| `patient_cancels` | [patient cancels](#patient-cancels) | none |" in page
    assert "| `access` | `walk_in`, `booked` |  |" in page
