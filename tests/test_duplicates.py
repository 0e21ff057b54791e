"""Accounts that look like one another: what is a pair, what is not, and how many of the planted ones are found."""

import random

import pandas as pd
import pytest

import kpilib
from kpilib.analysis.duplicates import alike, duplicates, plain


def pairs(*names, cities=None):
    keys = [f"c{at}" for at in range(len(names))]
    return [(one, other, why) for one, other, _, why in alike(keys, list(names), cities or ["Lyon"] * len(names))]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Hôtel de l'Étoile", "HOTEL DE L ETOILE", "same"),
        ("Forges Daubigny", "Forges Daubigny S.A.R.L.", "form"),
        ("Daubigny Forges SA", "Forges Daubigny SA", "order"),
        ("Fret Abadie Frères", "Fret Abbadie Frères", "spelling"),
    ],
)
def test_two_names_of_one_city_are_a_pair_for_a_reason(one, other, why):
    assert pairs(one, other) == [(0, 1, why)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Forges Daubigny SA", "Forges Daubigny SARL"),  # two legal forms, two firms
        ("Agence 12", "Agence 13"),
        ("Forges Laporte", "Forges Lacoste"),
        ("SA", "SARL"),
    ],
)
def test_two_names_that_are_not_alike_enough_are_none(one, other):
    assert pairs(one, other) == []


def test_the_same_name_in_another_city_is_no_pair():
    assert pairs("Fret Abadie", "Fret Abadie", cities=["Lyon", "Lille"]) == []


def test_an_account_without_a_name_is_compared_with_none():
    assert alike(["c0", "c1"], ["c0", "c1"], ["Lyon", "Lyon"]) == []
    assert pairs("", "") == []


def test_a_large_city_is_compared_by_the_beginning_of_its_names(monkeypatch):
    monkeypatch.setattr("kpilib.analysis.duplicates.LARGE", 2)
    assert pairs("Fret Abadie", "Zone Zénith", "Fret Abbadie") == [(0, 2, "spelling")]


def test_three_accounts_alike_are_one_group_and_nothing_is_merged():
    names = ["Fret Abadie", "Fret Abbadie", "FRET ABADIE", "Zone Zénith"]
    frame = pd.DataFrame({"customer_id": list("abcd"), "name": names, "city": "Lyon"})
    book = kpilib.open({"customers": frame}, as_of="2026-06-30")
    found = duplicates(book)
    assert (found["accounts"], found["alike"], found["pairs_all"]) == (4, 3, 3)
    assert found["groups"][["size", "keys"]].to_numpy().tolist() == [[3, "a; b; c"]]
    assert book.about.rows["customers"] == 4
    # The KPI knows the same name alone: two of four.
    assert book.kpi("duplicate_rate")[["numerator", "denominator"]].iloc[0].tolist() == [2, 4]


def slip(name, pick):
    """A name as another hand might have written it."""
    letters = [at for at, sign in enumerate(name) if sign.isalpha() and at > 2]
    at = pick.choice(letters)
    return pick.choice([name.upper(), f"{name[:at]}{name[at]}{name[at:]}", f"{name[:at]}{name[at + 1 :]}", name + " "])


def test_nearly_all_accounts_that_were_copied_with_a_slip_are_found_and_few_others():
    pick = random.Random(4)
    sounds = ["ba", "lo", "mi", "chu", "ter", "van", "qui", "sol", "dre", "pho", "gar", "nel"]
    names = list({" ".join("".join(pick.choices(sounds, k=3)).title() for _ in range(2)) for _ in range(400)})
    copied = pick.sample(range(len(names)), 20)
    every = names + [slip(names[at], pick) for at in copied]
    found = {(one, other) for one, other, _ in pairs(*every)}
    planted = {(at, len(names) + place) for place, at in enumerate(copied)}
    assert len(found & planted) >= 18  # nine in ten
    assert len(found - planted) <= 2


def test_no_customers_gives_a_reason():
    book = kpilib.open(
        {"opportunities": pd.DataFrame({"opportunity_id": ["o"], "status": ["open"], "created_on": ["2026-01-01"]})}
    )
    assert duplicates(book) == {"cannot": "no_accounts"}


def test_a_name_is_told_by_its_words():
    assert plain("Établissements Dupont & Fils, S.A.S.") == ("etablissements dupont fils", frozenset({"sas"}))
