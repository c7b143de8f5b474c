"""What local codes may mean, and a guess for those nobody has mapped yet. Guesses are only ever suggested."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from trustwide.commons.organisations.models import Partnership, Site
from trustwide.services.imaging.activity.models import CodeMapping
from trustwide.services.imaging.booking.models import Appointment, Scanner
from trustwide.services.imaging.requests.models import ExamType, Priority

Kind = CodeMapping.Kind
LEAVE_OUT = "-"
NONE_GIVEN = "(none)"  # stands for an empty cell, so that it too is mapped once
NEAR = 0.6
NOTHING_YET = "booked"
REJECTED, WITHDRAWN = "rejected", "withdrawn"
State = Appointment.State
OUTCOMES = {
    NOTHING_YET: "Nothing yet: requested or booked",
    State.DONE.value: "Scanned",
    State.MISSED.value: "Missed: did not attend",
    State.PATIENT_CANCELLED.value: "Cancelled by the patient",
    State.HOSPITAL_CANCELLED.value: "Cancelled by the hospital",
    State.ABANDONED.value: "Came, but the scan could not be completed",
    REJECTED: "Request rejected",
    WITHDRAWN: "Request withdrawn",
}
# words as systems and their users write them, without anything but letters, digits and single spaces; longest first
_OUTCOME_WORDS = (
    ("cancelled by hospital", State.HOSPITAL_CANCELLED), ("hospital", State.HOSPITAL_CANCELLED),
    ("machine", State.HOSPITAL_CANCELLED), ("breakdown", State.HOSPITAL_CANCELLED), ("dept", State.HOSPITAL_CANCELLED),
    ("provider", State.HOSPITAL_CANCELLED), ("patient cancel", State.PATIENT_CANCELLED),
    ("cancelled by p", State.PATIENT_CANCELLED), ("canc by p", State.PATIENT_CANCELLED),
    ("pt canc", State.PATIENT_CANCELLED), ("cnp", State.PATIENT_CANCELLED), ("cna", State.PATIENT_CANCELLED),
    ("did not attend", State.MISSED), ("dna", State.MISSED), ("not attend", State.MISSED), ("no show", State.MISSED),
    ("missed", State.MISSED), ("was not brought", State.MISSED), ("wnb", State.MISSED),
    ("abandon", State.ABANDONED), ("incomplete", State.ABANDONED), ("unable", State.ABANDONED),
    ("reject", REJECTED), ("declined by radiolog", REJECTED), ("not justified", REJECTED),
    ("withdrawn", WITHDRAWN), ("deceased", WITHDRAWN), ("rip", WITHDRAWN), ("no longer", WITHDRAWN),
    ("cancel", State.HOSPITAL_CANCELLED), ("attend", State.DONE), ("att", State.DONE), ("complete", State.DONE),
    ("performed", State.DONE), ("verified", State.DONE), ("reported", State.DONE), ("done", State.DONE),
    ("scheduled", NOTHING_YET), ("booked", NOTHING_YET), ("requested", NOTHING_YET), ("waiting", NOTHING_YET),
    ("vetted", NOTHING_YET),
)  # fmt: skip
_PRIORITY_WORDS = (
    ("2ww", Priority.SUSPECTED_CANCER), ("two week", Priority.SUSPECTED_CANCER), ("cancer", Priority.SUSPECTED_CANCER),
    ("usc", Priority.SUSPECTED_CANCER), ("surveillance", Priority.PLANNED), ("planned", Priority.PLANNED),
    ("follow up", Priority.PLANNED), ("emerg", Priority.EMERGENCY), ("immediate", Priority.EMERGENCY),
    ("stat", Priority.EMERGENCY), ("inpatient", Priority.INPATIENT), ("ward", Priority.INPATIENT),
    ("ip", Priority.INPATIENT), ("urg", Priority.URGENT), ("soon", Priority.URGENT), ("u", Priority.URGENT),
    ("rout", Priority.ROUTINE), ("normal", Priority.ROUTINE), ("r", Priority.ROUTINE),
)  # fmt: skip
_WORDS = {Kind.OUTCOME: _OUTCOME_WORDS, Kind.PRIORITY: _PRIORITY_WORDS}


@dataclass(frozen=True)
class Meanings:
    """What codes of each kind may mean in one partnership: our code -> its words; and whose ids they have."""

    choices: Mapping[str, Mapping[str, str]]
    exams: Mapping[str, ExamType]
    sites: Mapping[str, Site]
    scanners: Mapping[str, Scanner]

    def exact(self, kind: str, local_code: str) -> str:
        """Our code, where the local code is our code; empty otherwise."""
        ours = {_plain(code): code for code in self.choices[kind] if code != LEAVE_OUT}
        return ours.get(_plain(local_code), "")

    def guess(self, kind: str, local_code: str) -> str:
        """What a local code probably means: by words that are known, else by the nearest code or name; may be empty."""
        plain = _plain(local_code)
        if found := self.exact(kind, local_code):
            return found
        for word, meaning in _WORDS.get(Kind(kind), ()):
            if plain == word or (len(word) > 2 and word in plain):
                return str(meaning)
        if kind in _WORDS:
            return ""
        names = {_plain(text): code for code, words in self.choices[kind].items() for text in (code, words)}
        # codes of exams begin with their modality: MRHEAD is never a CT of the head
        likely = [name for name in names if name and (kind != Kind.EXAM or name[0] == plain[:1])]
        near = difflib.get_close_matches(plain, likely, n=1, cutoff=NEAR)
        return names[near[0]] if near else ""


def meanings_of(partnership: Partnership) -> Meanings:
    """Everything that codes may mean in a partnership."""
    exams = {exam.code: exam for exam in ExamType.objects.filter(partnership=partnership)}
    sites = {site.code: site for site in Site.objects.filter(partner__partnership=partnership)}
    scanners = Scanner.objects.filter(site__in=list(sites.values())).select_related("site")
    by_code = {f"{scanner.site.code}/{scanner.code}": scanner for scanner in scanners}
    leave = {LEAVE_OUT: "Leave rows with this code out"}
    choices: dict[str, dict[str, str]] = {
        Kind.EXAM: {code: exam.name for code, exam in exams.items()} | leave,
        Kind.SITE: {code: site.name for code, site in sites.items()} | leave,
        Kind.PRIORITY: {value: str(words) for value, words in Priority.choices} | leave,
        Kind.OUTCOME: OUTCOMES | leave,
        Kind.SCANNER: {code: f"{scanner.name}, {scanner.site.name}" for code, scanner in by_code.items()}
        | {LEAVE_OUT: "No scanner of ours"},
    }
    return Meanings(choices, exams, sites, by_code)


def sites_meant(meanings: Meanings, codes: Sequence[tuple[str, str]]) -> list[Site]:
    """The sites that our codes, with their kinds, mean: of sites themselves, and of scanners."""
    found = [meanings.sites[code] for kind, code in codes if kind == Kind.SITE and code in meanings.sites]
    scanners = [meanings.scanners[code] for kind, code in codes if kind == Kind.SCANNER and code in meanings.scanners]
    return list({site.pk: site for site in [*found, *(scanner.site for scanner in scanners)]}.values())


def sites_of_system(meanings: Meanings, partnership: Partnership, systems: Iterable[str]) -> list[Site]:
    """The sites that the codes of these systems mean so far."""
    rows = CodeMapping.objects.filter(
        partnership=partnership, system__in=set(systems), kind__in=(Kind.SITE, Kind.SCANNER)
    )
    return sites_meant(meanings, list(rows.values_list("kind", "meaning")))


def known_codes(partnership: Partnership, system: str) -> dict[tuple[str, str], CodeMapping]:
    """(kind, local code) -> its row, of one system."""
    rows = CodeMapping.objects.filter(partnership=partnership, system=system)
    return {(row.kind, row.local_code): row for row in cast("Iterable[CodeMapping]", rows)}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
