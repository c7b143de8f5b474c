"""Notes and scores follow the figures: what differs is written, and nothing else."""

from __future__ import annotations

import math

from trustwide.commons.measures.quality.actions import CheckSummary, check
from trustwide.commons.measures.quality.figures import notes_on_chart, score_of
from trustwide.commons.measures.quality.models import QualityNote, QualityScore
from trustwide.commons.measures.quality.tests.conftest import LATE, VISITS, changed, frame, month, rows

NOTHING = CheckSummary(0, 0, 0)


def said(site, breakdown="MRI"):
    return [sentence for _, sentence in notes_on_chart("share_late", site, breakdown)]


def test_a_sound_series_has_a_hundred_and_no_note(clinic):
    assert check(frame(rows(clinic.north))) == CheckSummary(0, 0, 1)
    kept = QualityScore.objects.get()
    assert (kept.score, kept.doubts, kept.late_by) == (100, 0, 0)
    assert (kept.first, kept.newest, kept.expected) == (month(0), month(23), month(23))
    assert kept.size == sorted(VISITS[12:])[5:7][0] / 2 + sorted(VISITS[12:])[5:7][1] / 2
    assert score_of("share_late", clinic.north, "MRI") == 100
    assert score_of("share_late", clinic.south, "MRI") is None


def test_what_is_odd_is_said_in_a_sentence(clinic):
    late, visits = changed(20, 0), list(VISITS)
    late[5], visits[5] = late[4], visits[4]
    late[10] = 9000
    check(frame(rows(clinic.north, late, visits)))
    zero, copied, above = said(clinic.north)[2], said(clinic.north)[0], said(clinic.north)[1]
    assert zero.startswith("September 2025: zero, where about ")
    assert copied.startswith(f"June 2024: repeats the month before ({late[4]} of {visits[4]:,}); by chance")
    assert above == f"November 2024: 9,000 of {visits[10]:,}, more than there are."
    assert score_of("share_late", clinic.north, "MRI") == 87  # three of 24


def test_the_second_time_nothing_is_written(doubted):
    again = frame(
        rows(doubted.north, changed(20, 0)), rows(doubted.north, changed(22, 5000), breakdown="CT"),
        rows(doubted.south), rows(doubted.public, LATE[:23], VISITS[:23]),
    )  # fmt: skip
    before = list(QualityNote.objects.values_list()), list(QualityScore.objects.values_list())
    assert check(again) == NOTHING
    assert check(again.reverse()) == NOTHING, "whatever the order of the rows"
    assert check(frame()) == NOTHING
    assert (list(QualityNote.objects.values_list()), list(QualityScore.objects.values_list())) == before


def test_a_corrected_figure_takes_its_note_away_and_only_its_own(doubted):
    assert check(frame(rows(doubted.north))) == CheckSummary(noted=0, removed=1, scored=1)
    assert said(doubted.north) == []
    assert len(said(doubted.north, "CT")) == 1


def test_a_changed_sentence_is_changed_in_place(doubted):
    check(frame(rows(doubted.north, changed(22, 6000), breakdown="CT")))
    assert said(doubted.north, "CT") == [f"November 2025: 6,000 of {VISITS[22]:,}, more than there are."]


def test_those_that_were_not_given_become_late_when_most_others_move_on(clinic):
    check(frame(*(rows(site, LATE[:20], VISITS[:20]) for site in (clinic.north, clinic.south, clinic.public))))
    assert not QualityNote.objects.exists()
    check(frame(rows(clinic.north)))
    assert not QualityNote.objects.exists(), "one of three is not most"
    summary = check(frame(rows(clinic.south)))
    assert summary == CheckSummary(noted=1, removed=0, scored=3)
    assert said(clinic.public) == [
        "No figure from September 2025 on: 4 months behind; most others reach December 2025."
    ]  # fmt: skip
    assert score_of("share_late", clinic.public, "MRI") == 83  # 20 of 24
    assert check(frame(rows(clinic.public))) == CheckSummary(noted=0, removed=1, scored=1)
    assert said(clinic.public) == []


def test_what_is_odd_in_a_series_that_was_not_given_stays_when_it_becomes_late(clinic):
    check(frame(rows(clinic.public, changed(15, 0)[:20], VISITS[:20])))
    check(frame(rows(clinic.north), rows(clinic.south)))
    zero, late = said(clinic.public)
    assert zero.startswith("April 2025: zero")
    assert late.startswith("No figure from September 2025")


def test_what_lacks_more_than_a_year_has_probably_ended(clinic):
    check(frame(rows(clinic.north), rows(clinic.south), rows(clinic.public, LATE[:5], VISITS[:5])))
    assert "19 months behind, so it has probably ended" in said(clinic.public)[0]
    assert QualityScore.objects.get(site=clinic.public).late_by == 19


def test_a_series_that_is_gone_leaves_nothing(doubted):
    key = ("share_late", doubted.north.pk, "CT")
    assert check(frame(), gone=[key]).removed == 1
    assert score_of("share_late", doubted.north, "CT") is None
    assert said(doubted.north, "CT") == []
    assert said(doubted.public), "the others keep theirs"


def test_a_gap_is_said_with_its_ends(clinic):
    late, visits = list(LATE), list(VISITS)
    late[6] = late[7] = None
    check(frame(rows(clinic.north, late, visits)))
    assert said(clinic.north) == ["There is no figure for July 2024 to August 2024."]


def test_few_points_are_no_fault(clinic):
    for points in (1, 2, 3):
        check(frame(rows(clinic.north, LATE[:points], VISITS[:points])))
        assert score_of("share_late", clinic.north, "MRI") == 100


def test_infinities_and_the_same_date_twice_are_survived(clinic):
    odd = rows(clinic.north)
    odd[3] = (*odd[3][:5], math.inf, 0.0)
    check(frame(odd, odd[7:8]))
    assert said(clinic.north)[0] == "April 2024: not a finite number."


def test_what_the_rows_say_of_a_period_stands_alone(doubted):
    told = [(month(20), "The whole return is empty.")]
    assert notes_on_chart("share_late", doubted.north, "MRI", told) == tuple(told)
    beside = [(month(3), "April looks odd.")]
    both = notes_on_chart("share_late", doubted.north, "MRI", beside)
    assert [day for day, _ in both] == [month(3), month(20)]
    impossible = notes_on_chart("share_late", doubted.north, "CT", [(month(22), "November looks odd.")])
    assert len(impossible) == 2, "what cannot be is said whatever else is"
