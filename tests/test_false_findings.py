"""Where nothing is true, nothing is found: a few companies of `null`; bench/false_findings.py asks a hundred."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parent.parent / "bench" / "false_findings.py"
SEEDS = (11, 12, 13)


def load():
    spec = importlib.util.spec_from_file_location("false_findings", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PATH.parent)  # benches share modules
        spec.loader.exec_module(module)
    return module


bench = load()


@pytest.fixture(scope="module")
def made():
    return [bench.company(seed, 0.12) for seed in SEEDS]


@pytest.mark.slow
def test_no_method_claims_more_than_its_level_allows_where_nothing_is_true(made):
    for claim, (asked, false) in bench.counted(made).items():
        assert false <= bench.most(asked), claim


@pytest.mark.slow
def test_over_all_methods_the_false_claims_are_as_rare_as_the_level(made):
    pairs = bench.counted(made).values()
    asked, false = sum(one[0] for one in pairs), sum(one[1] for one in pairs)
    assert asked > 30
    assert false <= bench.most(asked)


@pytest.mark.slow
def test_what_is_true_in_the_baseline_is_claimed_by_the_same_yardstick():
    """Else a method that never claims anything would pass."""
    claimed = bench.company(1, 0.4, "baseline")
    for claim in (
        "any driver of leaving",
        "any driver of nps",
        "any driver of csat",
        "an effect of an incident on nps",
    ):
        assert claimed[claim], claim


def test_what_could_not_be_asked_is_not_counted():
    none = dict.fromkeys(bench.CLAIMS)
    first, second = next(iter(bench.CLAIMS)), list(bench.CLAIMS)[1]
    counted = bench.counted([{**none, first: True, second: False}, {**none, first: False}])
    assert (counted[first], counted[second]) == ((2, 1), (1, 0))
    assert {pair for claim, pair in counted.items() if claim not in (first, second)} == {(0, 0)}


@pytest.mark.parametrize(("asked", "most"), [(3, 2), (100, 11), (0, 0)])
def test_the_bound_is_that_of_the_binomial(asked, most):
    assert bench.most(asked) == most
