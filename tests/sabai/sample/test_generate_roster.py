"""The sample roster is what its generator writes, and an issuer takes all of it."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from pathlib import Path

import sabai.sample
from issuer.roster.roster_file import parse_roster
from sabai.sample.generate_roster import COLUMNS, people
from vc_core.credential_types.schemes import SCHEMES

CONTENT = (Path(sabai.sample.__file__).parent / "roster.csv").read_bytes()
TODAY = datetime.date(2026, 9, 1)


def test_the_committed_file_is_the_generated_one() -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *people()])
    assert text.getvalue().encode("utf-8") == CONTENT


def test_an_issuer_takes_all_fifty() -> None:
    roster = parse_roster(CONTENT, today=TODAY)
    assert (len(roster.entries), roster.problems, roster.warnings) == (50, (), ())
    entries = list(roster.entries.values())
    assert {entry.scheme for entry in entries} == set(SCHEMES)
    here = ["10661" in (entry.regular_hospital, entry.primary_hospital, entry.referral_hospital) for entry in entries]
    assert Counter(here) == {True: 34, False: 16}
    assert {entry.identifier_system.rpartition("/")[2] for entry in entries} == {
        "th-cid",
        "passport-MMR",
        "passport-LAO",
        "passport-KHM",
    }
    assert {entry.scheme for entry in entries if entry.work_permit} == {"8401", "8402"}
    assert any(entry.covered_until < "2026" for entry in entries)
    assert any(entry.covered_from > "2027" for entry in entries)


def test_the_first_row_is_the_patient_of_the_demo() -> None:
    first = parse_roster(CONTENT, today=TODAY).entries[2]
    assert (first.scheme, first.nationality, first.identifier_value[0]) == ("8401", "MMR", "0")
    assert (first.regular_hospital, first.covered_from, first.covered_until) == ("10661", "2026-01-01", "2027-12-31")
