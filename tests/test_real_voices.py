"""What customers say and whether they leave, in real exports, through import and book. True values from elsewhere."""

import pandas as pd
import pytest

import kpilib
from kpilib.book import Book
from kpilib.figures import satisfaction
from kpilib.show import Page
from kpilib.sources.importing import report_of

pytestmark = pytest.mark.slow

SURVEY = """
[surveys]
files = ["{file}"]
[surveys.columns]
response_id = {{ row = true }}
metric = {{ value = "{metric}" }}
sent_on = {{ value = "2020-06-30" }}
answered_on = {{ value = "2020-06-30", when = {{ {score} = ["*"] }} }}
score = "{score}"
"""
REVIEWS = """
[reviews]
files = ["olist_order_reviews_dataset"]
[reviews.columns]
review_id = { row = true }
published_on = "review_creation_date"
rating = "review_score"
"""


@pytest.fixture
def opened(tmp_path, shared_data):
    """Open a folder of the sample exports in a dialect of our own."""

    def start(folder: str, dialect: str) -> Book:
        file = tmp_path / "own.toml"
        file.write_text(dialect, encoding="utf-8")
        return kpilib.open(shared_data / folder, dialect=str(file))

    return start


@pytest.fixture(scope="module")
def telco(shared_data):
    return kpilib.open(shared_data / "telco_churn")


def test_the_nps_of_a_french_garden_chain_and_its_scale(opened, tmp_path, shared_data):
    dialect = SURVEY.format(file="nps_no_verbatim", metric="nps", score="nps")
    book = opened("nps_french_retail", dialect)
    answer = book.kpi("nps").iloc[0]
    assert (answer["rows"], answer["value"]) == (13_612, pytest.approx(53.4161, abs=5e-5))
    counts = book.panel("answers", columns=["score"])["score"].dropna()
    assert (int((counts >= 9).sum()), int((counts <= 6).sum())) == (8_465, 1_194)
    (said,) = (note for note in _notes(shared_data / "nps_french_retail", dialect, tmp_path) if "scale" in note)
    assert "the 13,612 answers to nps run from 1 to 10 and none is 0" in said


def test_the_page_says_that_the_scale_may_begin_at_one(opened):
    book = opened("nps_french_retail", SURVEY.format(file="nps_no_verbatim", metric="nps", score="nps"))
    figure = Page(book, period="All", when="answered_on").figure("How do they spread?", satisfaction.distribution)
    assert "None of these 13,612 answers is 0: the scale may begin at 1." in figure.html


def test_its_blank_answers_are_invitations_that_were_not_answered(opened):
    rate = opened("nps_french_retail", SURVEY.format(file="nps_no_verbatim", metric="nps", score="nps"))
    answer = rate.kpi("response_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (13_612, 13_954)


def test_the_csat_of_150_answers_both_ways(opened):
    book = opened("csat_dplyover", SURVEY.format(file="csatraw", metric="csat", score="item1"))
    answer = book.kpi("csat").iloc[0]
    assert (answer["numerator"], answer["denominator"], answer["value"]) == (57, 150, 0.38)
    assert book.kpi("csat", variant="mean")["value"].item() == pytest.approx(3.02)


def test_the_reviews_of_a_brazilian_marketplace(opened):
    book = opened("olist_sample", REVIEWS)
    answer = book.kpi("review_rating").iloc[0]
    assert (answer["rows"], answer["value"]) == (2_993, pytest.approx(4.0698, abs=5e-5))
    happy = book.rows("review_rating", limit=None)["rating"] >= 4
    assert happy.mean() == pytest.approx(0.76612, abs=5e-6)


def test_telco_is_known_by_its_columns_and_reads_as_customers_and_a_month_of_charges(telco):
    assert (str(telco.as_of), telco.currency, telco.tables) == ("2017-09-30", "USD", {"customers", "order_lines"})
    assert telco.kpi("revenue")["value"].item() == pytest.approx(456_116.60)


def test_the_share_of_telco_subscribers_that_left(telco):
    month = {"since": "2017-09", "until": "2017-09"}
    answer = telco.kpi("churn_rate", variant="of_all_seen", **month).iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (1_869, 7_043)
    assert answer["value"] == pytest.approx(0.265370, abs=5e-7)
    by_contract = telco.kpi("churn_rate", by="segment", variant="of_all_seen", **month).set_index("group")["value"]
    assert by_contract.to_dict() == pytest.approx(
        {"Month-to-month": 0.4271, "One year": 0.1127, "Two year": 0.0283}, abs=5e-5
    )


def test_the_eleven_newest_telco_subscribers_are_not_among_those_who_could_leave(telco):
    """They have no month of tenure yet (and no total of charges): the cohort that could leave is of 7,032."""
    answer = telco.kpi("churn_rate", since="2017-09", until="2017-09").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (1_869, 7_032)


def test_the_charges_of_those_who_left_telco(telco):
    lines = telco.panel("sales", columns=["customer", "revenue"])
    left = set(telco.rows("lost_customers", limit=None)["customer"])
    assert lines[lines["customer"].isin(left)]["revenue"].sum() == pytest.approx(139_130.85)


def test_the_purchases_of_cdnow_in_its_first_39_weeks_give_the_published_model(shared_data):
    """Fader, Hardie and Lee (2005): r .243, α 4.414 weeks, a .793, b 2.426; eight customers paid nothing."""
    names = ["customer_id", "sample", "ordered_on", "quantity", "revenue"]
    lines = pd.read_csv(
        shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names,
        dtype={"customer_id": str, "ordered_on": str},
    )  # fmt: skip
    lines = lines.drop(columns="sample").assign(line_id=range(len(lines)), currency="USD")
    lines["ordered_on"] = pd.to_datetime(lines["ordered_on"], format="%Y%m%d")
    customers = pd.DataFrame({"customer_id": lines["customer_id"].unique()})
    book = kpilib.open({"customers": customers, "order_lines": lines}, as_of="1997-09-30")
    whole = book.finding("lifetime")["purchases"]["groups"].iloc[0]
    assert whole["customers"] == 2_357 - 8
    assert [whole[name] for name in "rab"] == pytest.approx([0.243, 0.793, 2.426], abs=0.004)
    assert whole["alpha"] * 365.25 / 12 / 7 == pytest.approx(4.414, abs=0.02)  # months as weeks


def _notes(folder, dialect, tmp_path) -> tuple[str, ...]:
    from kpilib.sources.importing import import_folder

    file = tmp_path / "again.toml"
    file.write_text(dialect, encoding="utf-8")
    import_folder(folder, tmp_path / "again.duckdb", dialect=file)
    return report_of(tmp_path / "again.duckdb").notes
