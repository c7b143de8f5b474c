"""The floor pages: what they say, whom they let change what, and how a wrong file is answered."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from trustwide.analysis.capacity import ServiceError
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.capacity.tests.service_stage import a_service
from trustwide.services.imaging.flow import actions
from trustwide.services.imaging.flow.models import DepartmentLayout

from .floor_stage import a_layout, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return build_cast()


@pytest.fixture
def planner(cast, client):
    client.force_login(cast.people["planner"])
    return client


def page_of(client, layout, **query):
    return client.get(reverse("imaging:floor", args=[layout.pk]), query)


def test_the_first_line_is_the_bottleneck(cast, planner):
    layout = a_layout(cast.north)
    page = page_of(planner, layout).content.decode()
    assert "Where do people queue?" in page
    assert layout.bottleneck.startswith("Cannulation is the bottleneck from ")
    assert f"<strong>{layout.bottleneck}</strong>" in page
    assert layout.bottleneck in planner.get(reverse("imaging:floors")).content.decode()


def test_the_plan_has_every_room_and_the_day(cast, planner):
    response = page_of(planner, a_layout(cast.north))
    page = response.content.decode()
    assert page.count('class="app-floor__room"') == 2
    day = json.loads(page.split('id="floor-day">')[1].split("</script>")[0])
    assert len(day["people"]) == 19
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_two_layouts_are_compared_with_the_same_patients(cast, planner):
    one, two = a_layout(cast.north), a_layout(cast.north, 3, "Three bays")
    page = page_of(planner, one, **{"with": two.pk})
    assert "Both layouts have the same patients" in page.content.decode()
    assert "Three bays: patients would be inside for " in page.content.decode()
    same = a_layout(cast.north, 1, "The same again")
    assert "it is not clear that" in page_of(planner, one, **{"with": same.pk}).content.decode()


def test_paired_differences_are_of_the_runs_themselves(cast):
    """The page's difference, from what is stored, is the engine's own."""
    from trustwide.analysis.capacity import compare_layouts
    from trustwide.services.imaging.flow.figures import floor_page

    one, two = a_layout(cast.north), a_layout(cast.north, 3, "Three bays")
    page = floor_page(one, two)
    departments = [actions.department_of(layout.text) for layout in (one, two)]
    expected = compare_layouts(*departments, actions.REPLICATIONS, actions.SEED).to_dict()["difference"]
    assert page.compared[0].difference["mean"] < 0
    assert page.compared[0].difference["mean"] == pytest.approx(expected["whole"]["mean_minutes"]["mean"], abs=1e-5)
    for row in page.steps:
        wait = expected["steps"][row.name]["mean_wait"]
        assert row.difference["mean"] == pytest.approx(wait["mean"], abs=1e-5)
        assert row.difference["half_width"] == pytest.approx(wait["half_width"], abs=1e-5)


def test_a_layout_of_another_site_is_not_compared_nor_shown(cast, planner):
    here, there = a_layout(cast.north), a_layout(cast.south, 2, "Elsewhere")
    assert "Elsewhere" not in page_of(planner, here, **{"with": there.pk}).content.decode()
    assert page_of(planner, there).status_code == 404


def test_a_layout_is_added_from_its_text(cast, planner):
    response = planner.post(reverse("imaging:draw_floor"), {"site": "N1", "text": text(2, "Two bays")})
    layout = DepartmentLayout.objects.get()
    assert response["Location"] == reverse("imaging:floor", args=[layout.pk])
    assert AuditEvent.objects.filter(action="added a layout").count() == 1
    page = planner.get(reverse("imaging:draw_floor"), {"from": layout.pk}).content.decode()
    assert "Two bays" in page


def test_a_file_goes_before_the_text(cast, planner):
    file = SimpleUploadedFile("department.yaml", text(2, "From a file").encode())
    planner.post(reverse("imaging:draw_floor"), {"site": "N1", "text": text(), "file": file})
    assert DepartmentLayout.objects.get().name == "From a file"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": ""}, "Choose a department file, or write its text here."),
        ({"text": text().replace("holds: {MRI: 1}", "holds: {CT: 1}")}, "steps[1].holds: &#39;CT&#39; is not among"),
        ({"text": "- 1"}, "must be a mapping of fields"),
        ({"text": "a: ["}, "is not YAML"),
        ({"text": text().replace("every: 10", "every: 1, each: 100")}, "a page runs at most 2,000"),
        ({"text": text(), "site": "S1"}, "Choose a site that is listed."),
        ({"file": SimpleUploadedFile("d.yaml", b"\xff\xfe")}, "is not UTF-8 text"),
        ({"file": SimpleUploadedFile("d.yaml", b"#" * 200_001)}, "longer than 200,000 bytes"),
    ],
)
def test_what_cannot_be_run_is_answered_beside_the_field(cast, planner, sent, said):
    page = planner.post(reverse("imaging:draw_floor"), {"site": "N1"} | sent).content.decode()
    assert said in page
    assert "There is a problem" in page
    assert not DepartmentLayout.objects.exists()


def test_those_who_only_read_add_and_put_away_nothing(cast, client):
    layout = a_layout(cast.north)
    reader = cast.people["board_member"]
    client.force_login(reader)
    assert client.get(reverse("imaging:floor", args=[layout.pk])).status_code == 200
    assert client.post(reverse("imaging:archive_floor", args=[layout.pk])).status_code == 403
    assert client.post(reverse("imaging:draw_floor"), {"site": "N1", "text": text()}).status_code == 403
    with pytest.raises(NotAllowedError):
        actions.archive_layout(layout, by=reader)


def test_a_layout_put_away_is_seen_no_more(cast, planner):
    layout = a_layout(cast.north)
    planner.post(reverse("imaging:archive_floor", args=[layout.pk]))
    assert page_of(planner, layout).status_code == 404
    assert "No department is described yet" in planner.get(reverse("imaging:floors")).content.decode()


def test_the_file_comes_back_as_it_was(cast, planner):
    layout = a_layout(cast.north)
    assert planner.get(reverse("imaging:floor_file", args=[layout.pk])).content.decode() == layout.text


def test_a_department_without_a_plan_says_so(cast, planner):
    bare = text().replace(", plan: {x: 0, y: 0, width: 4, height: 3}", "")
    bare = bare.replace(", plan: {x: 6, y: 0, width: 4, height: 3}", "")
    page = page_of(planner, actions.add_layout(cast.north, bare, by=cast.chief)).content.decode()
    assert "The file places nothing on a plan." in page


def test_nothing_is_kept_at_a_provider_known_only_from_public_data(cast):
    """Its plans are open to everybody who may see plans anywhere, so a layout or service there would be too."""
    with pytest.raises(NotAllowedError, match="only from public data"):
        actions.add_layout(cast.public, text(), by=cast.chief)
    with pytest.raises(NotAllowedError, match="only from public data"):
        a_service(cast.public, cast.chief)


def test_a_layout_with_a_character_that_no_database_keeps_is_refused(cast):
    with pytest.raises(ServiceError, match="character of code 0"):
        actions.add_layout(cast.north, text(name='"a\\0b"'), by=cast.chief)
