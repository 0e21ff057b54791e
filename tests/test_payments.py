"""Payment beside satisfaction: bands by hand, a planted difference, none where there is none."""

import pandas as pd
import pytest
from satisfied import Panels, Planted, company

from kpilib.analysis.kept import _plain
from kpilib.analysis.payments import payment_hypothesis


def invoice(whose: int, late: int, issued: str = "2026-03-01", due: str = "2026-03-31") -> dict:
    paid = pd.Timestamp(due) + pd.Timedelta(days=late)
    return {
        "customer_id": f"c{whose}", "issued_on": pd.Timestamp(issued), "due_on": pd.Timestamp(due), "paid_on": paid,
        "segment": "SMB",
    }  # fmt: skip


def answer(whose: int, score: float, day: str = "2026-02-01") -> dict:
    return {"customer_id": f"c{whose}", "metric": "nps", "score": score, "answered_on": pd.Timestamp(day)}


def small(invoices: list[dict], answers: list[dict]) -> Panels:
    return Panels({"invoices": pd.DataFrame(invoices), "surveys": pd.DataFrame(answers)})


def bands(spread: int = 0) -> tuple[list[dict], list[dict]]:
    """Thirty customers a band with two invoices each: detractors pay one of two ten days late, others on time."""
    invoices, answers = [], []
    for whose in range(90):
        score = (3, 7, 10)[whose // 30]
        answers.append(answer(whose, score))
        invoices += [invoice(whose, 10 if score == 3 else -1), invoice(whose, -1 - spread * (whose % 2))]
    return invoices, answers


def test_shares_and_delays_of_each_band_are_those_counted_by_hand():
    told = payment_hypothesis(small(*bands()))
    frame = told["bands"].set_index("band")
    assert frame["late_share"].tolist() == pytest.approx([0.5, 0, 0])
    assert frame["mean_delay"].tolist() == pytest.approx([5, 0, 0])
    assert frame["invoices"].tolist() == [60, 60, 60]
    assert frame["customers"].tolist() == [30, 30, 30]
    assert told["difference"]["late_share"]["value"] == pytest.approx(0.5)
    assert told["difference"]["mean_delay"]["value"] == pytest.approx(5)


def test_the_score_counts_from_the_day_after_it_and_for_a_year():
    invoices, answers = bands()
    late = [answer(whose, 10, "2026-03-01") for whose in range(90)]  # on the day of the invoice: not known before
    old = [answer(whose, 10, "2025-02-28") for whose in range(90)]  # 366 days before
    told = payment_hypothesis(small(invoices, answers + late + old))
    assert told["bands"]["invoices"].tolist() == [60, 60, 60]
    assert payment_hypothesis(small(invoices, old))["cannot"] == "no_scores_before"


def test_the_last_score_before_the_invoice_decides():
    invoices, answers = bands()
    again = [answer(whose, 10, "2026-02-15") for whose in range(4)]
    assert payment_hypothesis(small(invoices, answers + again))["bands"]["invoices"].tolist() == [52, 60, 68]


def test_an_unpaid_invoice_is_late_and_its_delay_counts_until_today():
    invoices, answers = bands()
    invoices[-1]["paid_on"] = pd.NaT  # a promoter's, due on 31 March, today is 30 June
    told = payment_hypothesis(small(invoices, answers))
    row = told["bands"].set_index("band").loc["promoter"]
    assert row["late_share"] == pytest.approx(1 / 60)
    assert row["mean_delay"] == pytest.approx(91 / 60)
    assert (row["unpaid"], told["unpaid"]) == (1, 1)


def test_invoices_not_due_yet_are_left_out():
    invoices, answers = bands()
    soon = [invoice(whose, 0, "2026-06-20", "2026-07-20") for whose in range(90)]
    told = payment_hypothesis(small(invoices + soon, answers))
    assert told["invoices"] == 180


@pytest.fixture(scope="module")
def planted():
    return payment_hypothesis(Panels(company(1)))


def test_the_planted_difference_is_found_within_segment_and_month(planted):
    assert planted["verdict"] == "associated"
    for one in (planted["difference"]["late_share"], planted["within"]["late_share"]):
        assert one["low"] < 0.25 < one["high"]
    assert planted["by_segment"]["found"].all()
    assert _plain(planted)["verdict"] == "associated"


def test_a_difference_between_segments_is_no_difference_within_them():
    # Large customers pay late and are unhappy; within a segment the score means nothing.
    invoices, answers = [], []
    for whose in range(200):
        large = whose < 100
        unhappy = whose % 10 < (8 if large else 2)
        answers.append(answer(whose, 3 if unhappy else 10))
        for n in range(4):
            late = (whose * 7 + n * 3) % 10 < (7 if large else 2)
            invoices.append({**invoice(whose, 5 if late else -1), "segment": "Large" if large else "Small"})
    told = payment_hypothesis(small(invoices, answers))
    assert told["difference"]["late_share"]["low"] > 0.05
    assert told["within"]["late_share"]["low"] < 0 < told["within"]["late_share"]["high"]
    assert told["verdict"] == "none"


@pytest.mark.slow
def test_in_companies_without_any_effect_the_hypothesis_is_kept_no_oftener_than_said():
    told = [payment_hypothesis(Panels(company(seed, Planted.nothing(), 300))) for seed in range(100)]
    assert sum(one["verdict"] == "associated" for one in told) <= 12  # thirteen of a hundred: one in a thousand


def test_data_that_cannot_tell_say_why():
    invoices, answers = bands()
    assert payment_hypothesis(Panels({})) == {"cannot": "no_invoices"}
    assert payment_hypothesis(Panels({"invoices": pd.DataFrame(invoices)})) == {"cannot": "no_surveys"}
    few = payment_hypothesis(small(invoices, answers[:5] + answers[60:]))
    assert few["cannot"] == "too_few_invoices"
    never = [invoice(whose, -1) for whose in range(90) for _ in range(2)]
    assert payment_hypothesis(small(never, answers))["cannot"] == "all_alike"


def test_nobody_in_between_and_one_segment_still_give_an_answer():
    invoices, answers = bands()
    ends = [one for one in answers if one["score"] != 7]
    told = payment_hypothesis(small(invoices, ends))
    assert told["difference"]["late_share"]["value"] == pytest.approx(0.5)
    assert told["bands"]["invoices"].tolist() == [60, 0, 60]


def test_bands_that_are_each_all_alike_have_intervals_of_their_customers_not_none():
    invoices = [invoice(whose, 9 if whose < 30 else -1) for whose in range(90) for _ in range(2)]
    told = payment_hypothesis(small(invoices, bands()[1]))
    frame = told["bands"].set_index("band")
    assert frame.loc["detractor", "late_share"] == pytest.approx(1)
    assert frame.loc["detractor", "low"] == pytest.approx(0.8865, abs=1e-4)  # Wilson, 30 of 30 customers
    assert frame["delay_low"].isna().all()
    assert told["difference"]["late_share"]["low"] == pytest.approx(0.8395, abs=1e-3)  # Newcombe, 30/30 − 0/30
    assert told["verdict"] == "associated"
