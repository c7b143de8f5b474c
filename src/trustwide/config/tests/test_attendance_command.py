"""`trustwide attendance` on the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from trustwide.analysis.attendance import quality
from trustwide.analysis.attendance.risk import fold_of
from trustwide.analysis.attendance.tests.builders import simulated
from trustwide.config.cli import main
from trustwide.config.commands.attendance_file import ANSWER, COLUMNS, read

HEADS = [*COLUMNS, "Neighbourhood", "Scholarship", ANSWER]
PUBLIC = Path(__file__).parents[5] / "shared/data/noshow_brazil/noshow_dev.csv"


def rows_of(count, seed=3):
    made, _ = simulated(seed, count, patients=count // 3)
    rng = np.random.default_rng(seed)
    return [
        {
            "PatientId": f"9{made.patient[i]:011d}",
            "AppointmentID": str(5_000_000 + i),
            "Gender": "F" if made.female[i] else "M",
            "ScheduledDay": f"{made.booked_at[i]}Z",
            "AppointmentDay": f"{made.appointment_on[i]}T00:00:00Z",
            "Age": str(int(made.age[i])),
            "Hipertension": str(int(made.conditions[i, 0])),
            "Diabetes": str(int(made.conditions[i, 1])),
            "Alcoholism": "0",
            "Handcap": "0",
            "SMS_received": str(int(made.reminder_sent[i])),
            "Neighbourhood": f"PLACE {rng.integers(12)}",
            "Scholarship": str(int(rng.random() < 0.1)),
            ANSWER: "Yes" if made.missed[i] else "No",
        }
        for i in range(count)
    ]


def write(path, rows, heads=HEADS):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, heads, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def rows():
    return rows_of(3000)


@pytest.fixture
def files(tmp_path, rows):
    return write(tmp_path / "past.csv", rows[:2500]), write(tmp_path / "next.csv", rows[2500:]), tmp_path / "out.csv"


def scored(files, *more):
    past, to_come, out = files
    return main(["attendance", "--train", str(past), "--score", str(to_come), "--out", str(out), *more])


def risks(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_row_gets_a_risk_in_its_order(files, rows, capsys):
    assert scored(files) == 0
    found = risks(files[2])
    assert [each["id"] for each in found] == [row["AppointmentID"] for row in rows[2500:]]
    assert all(0 < float(each["risk"]) < 1 for each in found)
    assert "500 risks are in" in capsys.readouterr().out


def test_answers_places_and_payments_change_nothing(files, rows):
    assert scored(files) == 0
    before = risks(files[2])
    turned = [row | {ANSWER: "No" if row[ANSWER] == "Yes" else "Yes"} for row in rows[2500:]]
    write(files[1], turned)
    assert scored(files) == 0
    assert risks(files[2]) == before
    blind = [name for name in HEADS if name not in (ANSWER, "Neighbourhood", "Scholarship")]
    write(files[1], rows[2500:], blind)
    write(files[0], rows[:2500], [*blind, ANSWER])
    assert scored(files) == 0
    assert risks(files[2]) == before


def test_impossible_facts_are_named_and_the_row_is_scored(files, rows, capsys):
    odd = [dict(row) for row in rows[2500:]]
    odd[0]["Age"], odd[1]["Age"], odd[2]["Gender"], odd[3]["PatientId"] = "-1", "", "?", ""
    odd[4]["ScheduledDay"], odd[5]["AppointmentDay"], odd[6]["SMS_received"] = "2099-01-01", "soon", "many"
    write(files[1], odd)
    assert scored(files, "--json") == 0
    said = capsys.readouterr()
    assert len(risks(files[2])) == 500
    for words in (
        "line 2, 3: Age is not a number from 0 to 120",
        "line 4: Gender is not F or M",
        "line 5: PatientId is empty",
        "line 6: ScheduledDay is after the appointment",
        "line 7: AppointmentDay is not a date",
        "line 8: SMS_received is not a number from 0 to 1",
    ):
        assert words in said.err
    answer = json.loads(said.out)
    assert (answer["appointments"], answer["learnt_from"], len(answer["notices"])) == (500, 2500, 6)


def test_rows_that_were_learnt_from_are_counted(files, rows, capsys):
    write(files[1], rows[2400:])
    assert scored(files) == 0
    assert "100 appointments are also in past.csv" in capsys.readouterr().err
    assert len(risks(files[2])) == 600


def refused(capsys, *arguments):
    assert main(["attendance", *map(str, arguments)]) == 1
    return capsys.readouterr().err


def test_what_cannot_be_done_is_a_sentence(files, rows, tmp_path, capsys):
    past, to_come, out = files
    ask = ["--train", past, "--score", to_come, "--out", out]
    assert "give --score" in refused(capsys, "--train", past)
    assert "go together" in refused(capsys, "--train", past, "--score", to_come)
    assert "file to read from" in refused(capsys, "--train", past, "--score", to_come, "--out", past)
    assert "no folder" in refused(capsys, "--train", past, "--table", tmp_path / "none" / "x.md")
    assert "--seed -1" in refused(capsys, *ask, "--seed", "-1")
    assert "no such file" in refused(capsys, "--train", tmp_path / "none.csv", "--table", tmp_path / "x.md")
    write(to_come, rows[2500:], [name for name in HEADS if name != "Age"])
    assert "there is no column Age" in refused(capsys, *ask)
    write(to_come, [rows[2500], rows[2501], rows[2500]])
    assert "line 4: AppointmentID is also that of line 2" in refused(capsys, *ask)
    write(to_come, [rows[2500], rows[2501] | {"AppointmentID": " "}])
    assert "line 3: AppointmentID is empty" in refused(capsys, *ask)
    write(to_come, [row | {"AppointmentDay": "29/04/2016"} for row in rows[2500:]])
    assert "no AppointmentDay can be read, such as '29/04/2016'; expected a date as" in refused(capsys, *ask)
    write(to_come, [])
    assert "no row under the names" in refused(capsys, *ask)
    to_come.write_bytes(b"\xff\xfe\x00\x01\n\x80")
    assert "not a CSV file in UTF-8" in refused(capsys, *ask) or "no column" in refused(capsys, *ask)
    write(to_come, rows[2500:])
    write(past, rows[:200])
    assert "Give a longer period" in refused(capsys, *ask)
    assert not out.exists()


def test_the_table_says_what_it_was_made_of(files, capsys):
    page = files[0].parent / "page.md"
    assert main(["attendance", "--train", str(files[0]), "--table", str(page), "--json"]) == 0
    text, answer = page.read_text(encoding="utf-8"), json.loads(capsys.readouterr().out)
    for words in (
        "## Booked ahead",
        "Plain logistic regression",
        "sex: female",
        "fifth of neighbourhoods: 1",
        "2,500 app",
    ):
        assert words in text
    assert "PLACE" not in text
    assert answer["quality"]["All appointments"]["Everybody at the overall share"]["missed"] > 100


@pytest.mark.skipif(
    not PUBLIC.exists(),
    reason="the public no-show data are not beside this checkout; their licence forbids to ship them",
)
def test_real_risks_of_new_patients_hold_their_word(tmp_path):
    whole = read(PUBLIC, with_answer=True).appointments
    with PUBLIC.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    fresh = fold_of(whole.patient, 4, 11) == 0
    heads = list(lines[0])
    past = write(tmp_path / "past.csv", [line for line, new in zip(lines, fresh, strict=True) if not new], heads)
    asked = [line for line, new in zip(lines, fresh, strict=True) if new]
    to_come = write(tmp_path / "next.csv", asked, [head for head in heads if head != ANSWER])
    files = (past, to_come, tmp_path / "out.csv")
    assert scored(files) == 0
    risk, told = np.array([float(each["risk"]) for each in risks(files[2])]), whole.rows(fresh)
    for rows, least_auc in ((np.ones(len(told), dtype=bool), 0.72), (told.booked_ahead, 0.6)):
        found = quality(risk[rows], told.missed[rows])
        assert found.auc.value > least_auc
        assert abs(found.slope.value - 1) < 4 * found.slope.error
        assert abs(found.intercept.value) < 4 * found.intercept.error
        assert found.ece < 0.02
