"""A month worked out by hand: March 2026 for MRI at North. It ends on Tuesday 31 March 2026.

Days waited on 31 March by the clock of the return, and the band (whole weeks, 13 and more together). Asked 17 February
is 42 days, 18 February 41 days, 30 December 91 days, 31 December 90 days. 1 March is a Sunday.

| no | asked  | what happened                                               | on list | clock from | days | band |
| -- | ------ | ----------------------------------------------------------- | ------- | ---------- | ---- | ---- |
|  1 | 31 Mar | nothing yet                                                 | yes     | 31 Mar     |   0  |  0   |
|  2 | 25 Mar | nothing yet                                                 | yes     | 25 Mar     |   6  |  0   |
|  3 | 24 Mar | nothing yet                                                 | yes     | 24 Mar     |   7  |  1   |
|  4 | 18 Feb | nothing yet                                                 | yes     | 18 Feb     |  41  |  5   |
|  5 | 17 Feb | nothing yet                                                 | yes     | 17 Feb     |  42  |  6   |
|  6 | 31 Dec | nothing yet                                                 | yes     | 31 Dec     |  90  | 12   |
|  7 | 30 Dec | nothing yet                                                 | yes     | 30 Dec     |  91  | 13   |
|  8 | 1 Nov  | nothing yet                                                 | yes     | 1 Nov      | 150  | 13   |
|  9 | 2 Feb  | missed 10 March                                             | yes     | 10 Mar     |  21  |  3   |
| 10 | 2 Feb  | patient cancelled, on 12 March, the date of 20 March        | yes     | 20 Mar     |  11  |  1   |
| 11 | 2 Feb  | hospital cancelled 10 March: the clock runs on              | yes     | 2 Feb      |  57  |  8   |
| 12 | 2 Feb  | two reasonable offers declined, of 5 and 9 March            | yes     | 5 Mar      |  26  |  3   |
| 13 | 2 Feb  | one reasonable offer declined                               | yes     | 2 Feb      |  57  |  8   |
| 14 | 2 Feb  | two offers declined that were not reasonable                | yes     | 2 Feb      |  57  |  8   |
| 15 | 5 Jan  | planned, due 16 March                                       | yes     | 16 Mar     |  15  |  2   |
| 16 | 5 Jan  | planned, due 31 March                                       | yes     | 31 Mar     |   0  |  0   |
| 17 | 5 Jan  | planned, due 1 April                                        | no      |            |      |      |
| 18 | 2 Feb  | rejected 4 March                                            | no      |            |      |      |
| 19 | 2 Feb  | withdrawn 31 March                                          | no      |            |      |      |
| 20 | 2 Feb  | withdrawn 1 April                                           | yes     | 2 Feb      |  57  |  8   |
| 21 | 2 Feb  | scanned 31 March, 11:30pm                                   | no, done|            |      |      |
| 22 | 2 Feb  | scanned 1 April, ten past midnight, which is 31 March in UTC| yes     | 2 Feb      |  57  |  8   |
| 23 | 2 Feb  | scanned 1 March, ten past midnight                          | no, done|            |      |      |
| 24 | 2 Feb  | scanned 28 February                                         | no      |            |      |      |
| 25 | 5 Jan  | planned, due 9 March, scanned 11 March                      | no, done|            |      |      |
| 26 | 30 Mar | emergency, scanned 30 March                                 | no, done|            |      |      |
| 27 | 30 Mar | inpatient, still waiting                                    | no      |            |      |      |
| 28 | 2 Feb  | missed 7 April: after the month, so not yet                 | yes     | 2 Feb      |  57  |  8   |
| 29 | 1 Apr  | asked for after the month                                   | no      |            |      |      |
| 30 | 16 Mar | urgent, nothing yet                                         | yes     | 16 Mar     |  15  |  2   |
| 31 | 16 Mar | the exam belongs to no test of the return                   | no      |            |      |      |
| 32 | 16 Mar | of South                                                    | no      |            |      |      |
| 33 | 16 Mar | CT                                                          | no      |            |      |      |
| 34 | 16 Mar | the same exam and patient as 30                             | yes     | 16 Mar     |  15  |  2   |

Bands: 0: 1 2 16; 1: 3 10; 2: 15 30 34; 3: 9 12; 5: 4; 6: 5; 8: 11 13 14 20 22 28; 12: 6; 13: 7 8. Together 21 people;
six weeks or more: 5, 6, 7, 8 and the six of band 8, which are 10. Tests: from the list 21 and 23, planned 25,
unscheduled 26.
Over six weeks for the patient and not for the return: 9, 10 and 12.
"""

from __future__ import annotations

import datetime as dt

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.requests.actions import event_rows, new_request
from trustwide.services.imaging.requests.models import ExamType, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

E = Event
BANDS = (3, 2, 3, 2, 0, 1, 1, 0, 6, 0, 0, 0, 1, 2)
READY = (E.ACCEPT, E.PROTOCOL, E.SAFETY_PASS)
SCAN = (E.ARRIVE, E.ENTER_ROOM, E.START, E.END)


def moment(day, hour=9, minute=0):
    year, month, number = map(int, day.split("-"))
    return dt.datetime(year, month, number, hour, minute, tzinfo=LONDON).astimezone(dt.UTC)


def booked(day, hour=9, minute=0):
    """Ready and booked for a time."""
    asked = moment("2026-02-03")
    starts = moment(day, hour, minute)
    ready = [Happening(kind, asked, {}) for kind in READY]
    return [*ready, Happening(E.BOOK, asked, {"starts_at": starts.isoformat()})]


def scanned(day, hour=10, minute=0):
    return [*booked(day, hour, minute), *(Happening(kind, moment(day, hour, minute), {}) for kind in SCAN)]


def declined(*days, reasonable=True):
    ready = [Happening(kind, moment("2026-02-03"), {}) for kind in READY]
    return ready + [
        Happening(E.DECLINE, moment("2026-02-20"), {"offered_on": day, "reasonable": reasonable}) for day in days
    ]


def exams(group):
    kinds = {"MRHEAD": ("MR", "MRI"), "MRRESEARCH": ("MR", ""), "CTCHEST": ("CT", "CT")}
    return {
        code: ExamType.objects.create(partnership=group, code=code, name=code, modality=modality, test=test, minutes=30)
        for code, (modality, test) in kinds.items()
    }


def build_month(cast):
    """Every request of the table, by its number."""
    missed = {"appointment_on": "2026-03-10"}
    late = {"appointment_on": "2026-04-07"}
    away = {"appointment_on": "2026-03-20"}
    exam = exams(cast.group)
    planned = [(15, "2026-03-16", []), (16, "2026-03-31", []), (17, "2026-04-01", []),
               (25, "2026-03-09", scanned("2026-03-11"))]  # fmt: skip
    cases = {
        1: ("2026-03-31", []), 2: ("2026-03-25", []), 3: ("2026-03-24", []), 4: ("2026-02-18", []),
        5: ("2026-02-17", []), 6: ("2025-12-31", []), 7: ("2025-12-30", []), 8: ("2025-11-01", []),
        9: ("2026-02-02", [*booked("2026-03-10"), Happening(E.MISS, moment("2026-03-10", 17), missed)]),
        10: ("2026-02-02", [*booked("2026-03-20"), Happening(E.PATIENT_CANCEL, moment("2026-03-12"), away)]),
        11: ("2026-02-02", [*booked("2026-03-10"), Happening(E.HOSPITAL_CANCEL, moment("2026-03-10"), missed)]),
        12: ("2026-02-02", declined("2026-03-05", "2026-03-09")),
        13: ("2026-02-02", declined("2026-03-05")),
        14: ("2026-02-02", declined("2026-03-05", "2026-03-09", reasonable=False)),
        18: ("2026-02-02", [Happening(E.REJECT, moment("2026-03-04"), {})]),
        19: ("2026-02-02", [Happening(E.WITHDRAW, moment("2026-03-31", 16), {})]),
        20: ("2026-02-02", [Happening(E.WITHDRAW, moment("2026-04-01"), {})]),
        21: ("2026-02-02", scanned("2026-03-31", 23, 30)),
        22: ("2026-02-02", scanned("2026-04-01", 0, 10)),
        23: ("2026-02-02", scanned("2026-03-01", 0, 10)),
        24: ("2026-02-02", scanned("2026-02-28")),
        28: ("2026-02-02", [*booked("2026-04-07"), Happening(E.MISS, moment("2026-04-07", 17), late)]),
        29: ("2026-04-01", []),
    }  # fmt: skip
    made = {number: add(cast.north, exam["MRHEAD"], number, asked, events) for number, (asked, events) in cases.items()}
    for number, due, events in planned:
        due_on = dt.date.fromisoformat(due)
        made[number] = add(cast.north, exam["MRHEAD"], number, "2026-01-05", events, "planned", due_on=due_on)
    made[26] = add(cast.north, exam["MRHEAD"], 26, "2026-03-30", scanned("2026-03-30"), "emergency")
    made[27] = add(cast.north, exam["MRHEAD"], 27, "2026-03-30", [], "inpatient")
    made[30] = add(cast.north, exam["MRHEAD"], 30, "2026-03-16", [], "urgent")
    made[31] = add(cast.north, exam["MRRESEARCH"], 31, "2026-03-16", [])
    made[32] = add(cast.south, exam["MRHEAD"], 32, "2026-03-16", [])
    made[33] = add(cast.north, exam["CTCHEST"], 33, "2026-03-16", [])
    made[34] = add(cast.north, exam["MRHEAD"], 34, "2026-03-16", [], "urgent", patient=made[30].patient)
    return made


def add(site, exam, number, asked, events, priority="routine", patient=None, due_on=None, received=None):
    """One request with its events; received on the day it was asked for unless said."""
    patient = patient or Patient.objects.create(partnership=site.partner.partnership, key=f"{number:064d}")
    begin = [Happening(E.REQUEST, moment(asked), {}), Happening(E.RECEIVE, moment(received or asked), {})]
    request = new_request(patient, exam, site, priority, [*begin, *events], due_on=due_on, accession=str(number))
    request.save()
    PathwayEvent.objects.bulk_create(event_rows(request, [*begin, *events], by=STAGE))
    return request
