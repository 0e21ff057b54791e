"""The KPIs of the satisfaction on answers, reviews and invoices small enough to count on fingers."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib import CannotAnswer
from kpilib.stats import scores


def surveys(*rows: tuple) -> pd.DataFrame:
    columns = ["response_id", "customer_id", "metric", "touchpoint", "sent_on", "answered_on", "score"]
    return pd.DataFrame(rows, columns=columns)


ANSWERS = surveys(
    ("1", "c1", "nps", "Relationship", "2026-01-05", "2026-01-06", 9),
    ("2", "c2", "nps", "Relationship", "2026-01-05", "2026-02-02", 10),
    ("3", "c3", "nps", "Relationship", "2026-01-05", "2026-01-20", 8),
    ("4", "c1", "nps", "Delivery", "2026-02-05", "2026-02-06", 6),
    ("5", "c2", "nps", "Delivery", "2026-02-05", None, None),
    ("6", "c1", "csat", "Ticket", "2026-02-10", "2026-02-11", 4),
    ("7", "c2", "csat", "Ticket", "2026-02-10", "2026-02-12", 3),
    ("8", "c3", "csat", "Delivery", "2026-03-10", "2026-03-12", 5),
    ("9", "c3", "ces", "Ticket", "2026-03-10", "2026-03-12", 7),
    ("10", "c1", "ces", "Ticket", "2026-03-10", "2026-03-13", 4),
    ("11", "c1", "ces", "Ticket", "2026-03-10", None, None),
    ("12", "c1", "ces", "Ticket", "2026-03-11", None, 2),  # an answer whose day nobody noted
)


@pytest.fixture(scope="module")
def book():
    return kpilib.open({"surveys": ANSWERS})


def one(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def test_nps_is_promoters_less_detractors_in_points(book):
    answer = one(book.kpi("nps"))
    # 9 and 10 against 6, of four answers.
    assert answer[["value", "numerator", "denominator", "rows"]].tolist() == [25, 100, 4, 4]


def test_the_interval_of_nps_is_the_adjusted_wald_interval_of_its_counts(book):
    answer = one(book.kpi("nps"))
    low, high = scores.nps_interval(1, 1, 2)
    assert (answer["low"], answer["high"]) == pytest.approx((100 * low, 100 * high))


def test_the_published_interval_of_twenty_thirty_and_fifty_answers_comes_out_of_the_sums():
    # METHODS.md: detractors, passives, promoters (20, 30, 50): .1405 to .4420.
    marks = [0] * 20 + [7] * 30 + [10] * 50
    rows = [(str(i), "c1", "nps", None, "2026-01-01", "2026-01-02", mark) for i, mark in enumerate(marks)]
    answer = one(kpilib.open({"surveys": surveys(*rows)}).kpi("nps"))
    assert answer[["value", "low", "high"]].astype(float).round(2).tolist() == [30, 14.05, 44.2]


def test_an_nps_where_all_agree_has_an_interval_all_the_same():
    rows = [(str(i), "c1", "nps", None, "2026-01-01", "2026-01-02", 10) for i in range(3)]
    answer = one(kpilib.open({"surveys": surveys(*rows)}).kpi("nps"))
    assert answer["value"] == answer["high"] == 100
    assert answer["low"] < 60


def test_a_seven_and_an_eight_are_neither_promoters_nor_detractors():
    rows = [(str(mark), "c1", "nps", None, "2026-01-01", "2026-01-02", mark) for mark in (0, 6, 7, 8, 9, 10)]
    book = kpilib.open({"surveys": surveys(*rows)})
    each = book.rows("nps").set_index("response_id")["n"].to_dict()
    assert each == {"0": -100, "6": -100, "7": 0, "8": 0, "9": 100, "10": 100}


def test_nps_by_touchpoint_and_month_of_the_answer(book):
    groups = book.kpi("nps", by="touchpoint").set_index("group")["value"].to_dict()
    assert groups == {"Relationship": pytest.approx(200 / 3), "Delivery": -100}
    months = book.kpi("nps", period="month").set_index("period")["value"]
    assert months["2026-01"] == 50
    assert months["2026-02"] == 0
    assert np.isnan(months["2026-03"])


def test_csat_is_the_share_of_fours_and_fives_and_its_variant_the_mean(book):
    assert one(book.kpi("csat"))[["numerator", "denominator"]].tolist() == [2, 3]
    assert one(book.kpi("csat", variant="mean"))["value"] == 4


def test_ces_is_a_mean_of_seven_and_its_variant_the_share_who_found_it_easy(book):
    assert one(book.kpi("ces"))["value"] == pytest.approx((7 + 4 + 2) / 3)
    assert one(book.kpi("ces", variant="easy_share"))[["numerator", "denominator"]].tolist() == [1, 3]


def test_an_answer_without_its_day_counts_on_the_day_it_was_asked_for(book):
    rows = book.panel("answers").set_index("response_id")
    assert str(rows.loc["12", "answered_on"])[:10] == "2026-03-11"
    assert one(book.kpi("ces", since="2026-03", until="2026-03"))["rows"] == 3


def test_the_response_rate_is_by_the_day_of_the_invitation(book):
    whole = one(book.kpi("response_rate"))
    assert whole[["numerator", "denominator"]].tolist() == [10, 12]
    months = book.kpi("response_rate", period="month")[["numerator", "denominator"]].to_numpy().tolist()
    assert months == [[3, 3], [3, 4], [4, 5]]
    assert book.kpi("response_rate", by="metric").set_index("group")["numerator"].to_dict() == {
        "nps": 4, "csat": 3, "ces": 3,
    }  # fmt: skip


def test_what_was_answered_after_the_day_is_not_known_yet():
    book = kpilib.open({"surveys": ANSWERS}, as_of="2026-01-31")
    assert one(book.kpi("nps"))["rows"] == 2
    assert one(book.kpi("response_rate"))[["numerator", "denominator"]].tolist() == [2, 3]


def test_a_question_that_was_never_asked_is_named():
    book = kpilib.open({"surveys": ANSWERS[ANSWERS["metric"] == "nps"]})
    with pytest.raises(CannotAnswer, match=r"CSAT needs rows of 'surveys' whose 'metric' is 'csat'.*Are they satisf"):
        book.kpi("csat")
    assert book.why_not("nps") == ""


def test_surveys_nobody_answered_say_which_column_is_empty():
    book = kpilib.open({"surveys": ANSWERS.assign(score=None, answered_on=None)})
    with pytest.raises(CannotAnswer, match="NPS needs the column 'score' of 'surveys', which is empty"):
        book.kpi("nps")


def test_data_of_surveys_alone_begin_with_the_first_invitation(book):
    assert str(book.first_month) == "2026-01-01"


def test_reviews_by_site_and_product():
    reviews = pd.DataFrame(
        [("1", "p1", "Stars", "2026-01-02", 5), ("2", "p1", "Stars", "2026-01-03", 4), ("3", "p2", "Ratings",
         "2026-02-01", 1), ("4", None, None, "2026-02-02", 3)],
        columns=["review_id", "product_id", "site", "published_on", "rating"],
    )  # fmt: skip
    products = pd.DataFrame({"product_id": ["p1", "p2"], "product": ["Lock", "Lamp"], "category": ["Door", "Light"]})
    book = kpilib.open({"reviews": reviews, "products": products})
    assert one(book.kpi("review_rating"))["value"] == 13 / 4
    assert one(book.kpi("review_rating", variant="high_share"))["value"] == 0.5
    sites = book.kpi("review_rating", by="site").set_index("group")["value"].to_dict()
    assert sites == {"Stars": 4.5, "Ratings": 1, "(not given)": 3}
    assert book.kpi("review_rating", by="category").set_index("group")["rows"].to_dict() == {
        "Door": 2, "Light": 1, "(not given)": 1,
    }  # fmt: skip


INVOICES = pd.DataFrame(
    [
        ("1", "c1", "2026-01-01", "2026-01-31", "2026-01-31", 100.0),  # on the day
        ("2", "c1", "2026-01-01", "2026-01-31", "2026-01-21", 100.0),  # ten days early
        ("3", "c2", "2026-01-01", "2026-01-31", "2026-02-10", 800.0),  # ten days late
        ("4", "c2", "2026-02-01", "2026-03-01", None, 200.0),  # thirty days past due, unpaid
        ("5", "c2", "2026-03-01", "2026-04-10", None, 200.0),  # not due yet
        ("6", "c1", "2026-03-10", "2026-04-09", "2026-03-20", 50.0),  # not due yet, and paid
        ("7", "c1", "2026-03-31", "2026-04-30", "2026-03-31", 1.0),
    ],
    columns=["invoice_id", "customer_id", "issued_on", "due_on", "paid_on", "amount"],
).assign(currency="EUR")


@pytest.fixture(scope="module")
def ledger():
    return kpilib.open({"invoices": INVOICES})


def test_what_fell_due_was_paid_on_time_or_not_and_what_is_not_due_is_left_out(ledger):
    assert str(ledger.as_of) == "2026-03-31"
    assert one(ledger.kpi("on_time_payment", until="2026-12"))[["numerator", "denominator"]].tolist() == [2, 4]
    by_value = one(ledger.kpi("on_time_payment", variant="by_value"))
    assert by_value[["numerator", "denominator"]].tolist() == [200, 1200]


def test_a_delay_counts_early_payments_as_none_and_unpaid_ones_apart(ledger):
    assert one(ledger.kpi("payment_delay"))[["numerator", "denominator"]].tolist() == [10, 3]
    so_far = one(ledger.kpi("payment_delay", variant="with_unpaid"))
    assert so_far[["numerator", "denominator"]].tolist() == [10 + 30, 4]
    assert one(ledger.kpi("payment_delay", variant="from_due"))[["numerator", "denominator"]].tolist() == [0, 3]


def test_an_invoice_paid_after_the_day_is_unpaid_on_it():
    book = kpilib.open({"invoices": INVOICES}, as_of="2026-02-05")
    rows = book.panel("invoices").set_index("invoice_id")
    assert rows["paid_on"].isna().to_dict() == {"1": False, "2": False, "3": True, "4": True}
    assert one(book.kpi("on_time_payment"))[["numerator", "denominator"]].tolist() == [2, 3]


def test_tickets_are_cut_by_channel_and_severity():
    tickets = pd.DataFrame(
        [("1", "Phone", "High", 30), ("2", "Phone", "Low", 60), ("3", None, "Low", 90)],
        columns=["ticket_id", "channel", "severity", "handling_minutes"],
    ).assign(opened_at="2026-01-01 09:00", resolved_at="2026-01-01 10:00")
    book = kpilib.open({"tickets": tickets})
    assert book.kpi("support_hours", by="channel").set_index("group")["value"].to_dict() == {
        "Phone": 1.5, "(not given)": 1.5,
    }  # fmt: skip
    assert one(book.kpi("support_hours", where={"severity": ["Low"]}))["value"] == 2.5


def test_before_an_invoice_is_due_nothing_is_said_of_it_even_if_it_is_paid():
    book = kpilib.open({"invoices": INVOICES}, as_of="2026-01-25")
    assert book.panel("invoices")["paid_on"].notna().sum() == 1
    for variant in (None, "by_value"):
        assert one(book.kpi("on_time_payment", variant=variant))["rows"] == 0
    assert one(book.kpi("payment_delay", variant="with_unpaid"))["rows"] == 0
