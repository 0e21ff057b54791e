"""The demo company: the same bytes from a seed, nothing that breaks the model, hostile names, sane rates."""

import argparse
import datetime as dt
import os
import subprocess
import sys
import zlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from kpilib.catalogue import CATALOGUE
from kpilib.demo import command
from kpilib.demo.company import AS_OF, make
from kpilib.demo.days import working
from kpilib.demo.dictionary import BEGIN, END, dictionary_text, refresh
from kpilib.demo.draws import Draws, Streams, exp, logistic
from kpilib.demo.lines import order_lines
from kpilib.demo.truths import QUALITY, SCENARIOS, SEGMENTS
from kpilib.demo.write import write
from kpilib.errors import BadInput, UnknownName
from kpilib.model.shared import SCALES
from kpilib.model.tables import TABLES

TOP = Path(__file__).resolve().parent.parent
DEMO = TOP / "data" / "demo"
NOW = pd.Timestamp(AS_OF)
#: Tables whose rows do not grow with the company.
FIXED = {"products", "salespeople", "targets", "campaigns", "events", "actions", "competitor_sites"}
#: Dates that may lie ahead.
AHEAD = {"expected_close_on", "due_on", "promised_on"}  # of actions, `until` may lie ahead too; in the demo it does not


@pytest.fixture(scope="module")
def demo() -> dict[str, pd.DataFrame]:
    return make()


@pytest.fixture(scope="module")
def deals(demo: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return demo["opportunities"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run_elsewhere(folder: Path, hash_seed: str) -> dict[str, bytes]:
    code = f"from kpilib.demo.write import write; write({str(folder)!r}, seed=3, scale=0.1)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TOP, env={**os.environ, "PYTHONHASHSEED": hash_seed})
    return contents(folder)


# The same seed, the same company


@pytest.mark.slow
def test_two_processes_write_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    assert run_elsewhere(tmp_path / "a", "1") == run_elsewhere(tmp_path / "b", "2")


def test_another_seed_writes_another_company(tmp_path: Path) -> None:
    write(tmp_path / "a", seed=3, scale=0.1)
    write(tmp_path / "b", seed=4, scale=0.1)
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    fixed = {"products.csv", "salespeople.csv", "events.csv", "actions.csv"}
    assert {name for name in a if a[name] == b[name]} == fixed


def test_the_committed_demo_is_what_the_command_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["demo", "--into", str(tmp_path)])
    assert args.run(args) == 0
    assert contents(tmp_path) == contents(DEMO)
    said = capsys.readouterr().out
    assert "salespeople                40 rows\n" in said
    assert f"Written to {tmp_path} (scenario baseline, seed 1, scale 1)." in said


def test_the_committed_demo_takes_less_than_eight_megabytes_in_git() -> None:
    """Git keeps each file compressed by zlib."""
    files = contents(DEMO).values()
    assert sum(len(zlib.compress(data)) for data in files) < 6_000_000
    assert sum(len(data) for data in files) < 28_000_000


def test_the_files_are_utf8_with_unix_line_ends_and_model_columns() -> None:
    for path in DEMO.glob("*.csv"):
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text
        assert text.split("\n")[0].split(",") == list(TABLES[path.stem].names)


def test_twice_the_scale_is_about_twice_the_rows() -> None:
    small, large = make(scale=0.25), make(scale=0.5)
    for name in small.keys() - FIXED:
        assert 1.8 < len(large[name]) / len(small[name]) < 2.2, name


@pytest.mark.slow
def test_a_larger_company_begins_with_the_rows_of_a_smaller_one(demo: dict[str, pd.DataFrame]) -> None:
    larger = make(scale=1.1)
    for name in demo.keys() - FIXED:
        assert len(larger[name]) > len(demo[name]), name
        pd.testing.assert_frame_equal(larger[name].head(len(demo[name])), demo[name], check_dtype=False)


@pytest.mark.slow
def test_the_files_of_a_company_of_several_blocks_hold_the_frames_that_are_made(tmp_path: Path) -> None:
    rows, made = write(tmp_path, seed=2, scale=1.02), make(seed=2, scale=1.02)
    assert rows == {name: len(frame) for name, frame in made.items()}
    lines = pd.read_csv(tmp_path / "order_lines.csv")
    assert lines["line_id"].is_unique
    assert lines["revenue"].sum() == pytest.approx(made["order_lines"]["revenue"].sum())
    assert made["customers"]["name"].is_unique


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_makes_a_small_company_of_all_tables(scenario: str) -> None:
    made = make(scale=0.02, scenario=scenario)
    assert made.keys() == TABLES.keys()
    assert all(len(frame) for frame in made.values())


def test_a_company_of_a_dozen_accounts_and_one_month_can_be_made() -> None:
    made = make(scale=0.001, months=1)
    assert len(made["customers"]) == 12
    assert len(made["events"]) == 0


def test_a_scenario_that_does_not_exist_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'baseline'"):
        make(scenario="basline")


def test_a_shorter_history_begins_later_and_ends_on_its_own_last_day() -> None:
    year = make(months=12, until=dt.date(2025, 12, 31), scale=0.2)
    ordered = year["order_lines"]["ordered_on"]
    assert ordered.min() >= pd.Timestamp("2025-01-01")
    assert ordered.max() <= pd.Timestamp("2025-12-31")


@pytest.mark.parametrize(("given", "said"), [({"scale": 0.0}, "scale above 0"), ({"seed": -1}, "seed of 0 or more")])
def test_a_seed_or_scale_out_of_bounds_is_refused(given: dict[str, float], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        make(**given)


def test_a_window_of_no_month_is_refused() -> None:
    with pytest.raises(BadInput, match="give 1 or more months"):
        make(months=0)


# Nothing breaks the model


@pytest.mark.parametrize("seed", [1, 2])
def test_every_key_is_unique_and_every_reference_is_found(seed: int) -> None:
    made = make(seed=seed, scale=1.0 if seed == 1 else 0.2)
    for name, frame in made.items():
        assert tuple(frame.columns) == TABLES[name].names
        assert frame[TABLES[name].key].is_unique, name
        for column in TABLES[name].columns:
            if column.refers:
                known = made[column.refers][TABLES[column.refers].key]
                assert frame[column.name].dropna().isin(known).all(), (name, column.name)


def test_only_columns_that_may_be_empty_are(demo: dict[str, pd.DataFrame]) -> None:
    for name, frame in demo.items():
        for column in TABLES[name].columns:
            if not column.empty:
                assert frame[column.name].notna().all(), (name, column.name)


def test_numbers_and_words_stay_within_what_the_model_allows(demo: dict[str, pd.DataFrame]) -> None:
    for name, frame in demo.items():
        for column in TABLES[name].columns:
            values = frame[column.name].dropna()
            assert not column.values or values.isin(column.values).all(), (name, column.name)
            assert column.low is None or (values >= column.low).all(), (name, column.name)
            assert column.high is None or (values <= column.high).all(), (name, column.name)
    for metric, answers in demo["surveys"].dropna(subset="score").groupby("metric"):
        assert answers["score"].between(*SCALES[str(metric)]).all()


def test_nothing_has_happened_after_the_day_the_demo_is_seen_from(demo: dict[str, pd.DataFrame]) -> None:
    latest = []
    for name, frame in demo.items():
        if name == "targets":  # what is aimed at may lie ahead
            continue
        for column in TABLES[name].columns:
            if column.type in ("date", "time") and column.name not in AHEAD and frame[column.name].notna().any():
                latest.append(frame[column.name].max())
    assert max(latest).normalize() == NOW


def test_no_record_of_a_deal_an_order_or_a_voice_precedes_the_window(demo: dict[str, pd.DataFrame]) -> None:
    for name in demo.keys() - {"customers", "products", "salespeople"}:
        for column in TABLES[name].columns:
            if column.type in ("date", "time") and demo[name][column.name].notna().any():
                assert demo[name][column.name].min() >= pd.Timestamp("2023-07-01"), (name, column.name)


def test_a_deal_closes_on_or_after_its_creation_and_only_if_it_is_not_open(deals: pd.DataFrame) -> None:
    closed = deals["closed_on"].notna()
    assert (deals["closed_on"] >= deals["created_on"])[closed].all()
    assert (closed == (deals["status"] != "open")).all()
    assert ((deals["stage"] == "Closed Won") == (deals["status"] == "won")).all()
    assert ((deals["stage"] == "Closed Lost") == (deals["status"] == "lost")).all()
    assert (deals["reason"].notna() == closed).all()
    assert (deals["updated_on"] >= deals["created_on"]).all()
    assert (deals["updated_on"] == deals["closed_on"])[closed].all()


def test_a_loss_to_a_competitor_names_one(deals: pd.DataFrame) -> None:
    assert deals.loc[deals["reason"] == "Competitor", "competitor"].notna().all()


def test_stage_changes_run_in_order_from_creation_to_the_stage_of_today(demo: dict[str, pd.DataFrame]) -> None:
    steps = demo["stage_changes"].merge(demo["opportunities"], on="opportunity_id", suffixes=("", "_now"))
    gaps = steps.groupby("opportunity_id")["entered_on"].diff().dropna()
    assert (gaps > pd.Timedelta(0)).all()
    first, last = steps.groupby("opportunity_id").first(), steps.groupby("opportunity_id").last()
    assert len(first) == len(demo["opportunities"])
    assert (first["stage"] == "Qualification").all()
    assert (first["entered_on"].dt.normalize() == first["created_on"]).all()
    assert (last["stage"] == last["stage_now"]).all()
    ended = last["closed_on"].notna()
    assert (last["entered_on"].dt.normalize() == last["closed_on"])[ended].all()


def test_the_history_of_a_deal_begins_at_its_creation_and_ends_with_what_it_reads_now(
    demo: dict[str, pd.DataFrame],
) -> None:
    told = demo["opportunity_changes"].merge(demo["opportunities"], on="opportunity_id", suffixes=("", "_now"))
    first = told.groupby("opportunity_id").nth(0)
    assert (first["changed_on"].dt.normalize() == first["created_on"]).all()
    assert first[["amount", "expected_close_on", "probability"]].notna().all().all()
    assert (told.groupby("opportunity_id").size() > 1).all()
    assert (told.groupby("opportunity_id")["changed_on"].diff().dropna() > pd.Timedelta(0)).all()
    for name in ("amount", "expected_close_on", "probability"):
        last = told.dropna(subset=name).groupby("opportunity_id").nth(-1)  # the last that was said
        assert (last[name] == last[f"{name}_now"]).all(), name


def test_a_deal_is_changed_while_it_is_open_and_by_somebody_who_touched_it(demo: dict[str, pd.DataFrame]) -> None:
    told = demo["opportunity_changes"].merge(demo["opportunities"], on="opportunity_id", suffixes=("", "_now"))
    day = told["changed_on"].dt.normalize()
    assert (day <= told["updated_on"]).all()
    assert (day < told["closed_on"])[told["closed_on"].notna() & (told["created_on"] < told["closed_on"])].all()
    assert (told["expected_close_on"] >= told["created_on"])[told["expected_close_on"].notna()].all()
    later = told.dropna(subset="expected_close_on")
    put_off = later.groupby("opportunity_id")["expected_close_on"].diff().dropna()
    assert 0.75 < (put_off > pd.Timedelta(0)).mean() < 0.95
    amounts = told.dropna(subset="amount").groupby("opportunity_id")["amount"].diff().dropna()
    assert 0.35 < (amounts > 0).mean() < 0.55


def test_the_actions_name_kpis_and_members_that_exist(demo: dict[str, pd.DataFrame]) -> None:
    log = demo["actions"]
    assert set(log["kpi"]) <= set(CATALOGUE)
    assert log["done_on"].between("2025-01-01", "2026-06-30").all()
    own = {
        "segment": demo["customers"]["segment"], "region": demo["customers"]["region"],
        "team": demo["salespeople"]["team"], "owner": demo["salespeople"]["owner"],
        "category": demo["products"]["category"], "source": demo["opportunities"]["source"],
    }  # fmt: skip
    for line in log.dropna(subset="member").itertuples():
        assert line.member in set(own[line.dimension]), line
    assert log["member"].isna().equals(log["dimension"].isna())


def test_an_activity_of_a_deal_falls_within_its_life(demo: dict[str, pd.DataFrame]) -> None:
    done = demo["activities"].merge(demo["opportunities"], on="opportunity_id", suffixes=("", "_deal"))
    assert len(done) > 50_000
    assert (done["done_on"] >= done["created_on"]).all()
    assert (done["done_on"] <= done["closed_on"].fillna(NOW)).all()
    assert (done["customer_id"] == done["customer_id_deal"]).all()


def test_a_customer_buys_and_speaks_only_while_it_is_one(demo: dict[str, pd.DataFrame]) -> None:
    begun = demo["customers"].set_index("customer_id")["acquired_on"]
    gone = demo["customers"].set_index("customer_id")["churned_on"].fillna(NOW)
    assert (gone[begun.notna()] >= begun.dropna()).all()
    for name, day in [("order_lines", "ordered_on"), ("surveys", "sent_on"), ("tickets", "opened_at")]:
        rows = demo[name]
        assert (rows[day] >= rows["customer_id"].map(begun)).all(), name
        assert (rows[day].dt.normalize() <= rows["customer_id"].map(gone)).all(), name


def test_a_change_in_a_customers_life_falls_within_it(demo: dict[str, pd.DataFrame]) -> None:
    changes = demo["customer_changes"].merge(demo["customers"], on="customer_id")
    assert (changes["changed_on"] > changes["acquired_on"]).all()
    assert (changes["changed_on"] <= changes["churned_on"].fillna(NOW)).all()
    renewed = changes[changes["kind"] == "first_renewal"]
    gone = renewed["changed_on"].dt.to_period("M").astype("int64") - renewed["acquired_on"].dt.to_period("M").astype(
        "int64"
    )
    assert (gone == 12).all()
    assert not renewed["customer_id"].duplicated().any()


def test_an_invoice_is_due_after_it_was_issued_and_an_order_has_one(demo: dict[str, pd.DataFrame]) -> None:
    billed = demo["invoices"]
    assert (billed["due_on"] > billed["issued_on"]).all()
    assert (billed["paid_on"].dropna() > billed["issued_on"][billed["paid_on"].notna()]).all()
    sold = demo["order_lines"].query("quantity > 0")
    assert sold["order_id"].nunique() == pytest.approx(len(billed), rel=0.01)
    assert sold["revenue"].sum() == pytest.approx(billed["amount"].sum(), rel=0.01)


def test_a_converted_lead_names_the_account_it_became(demo: dict[str, pd.DataFrame]) -> None:
    leads = demo["leads"]
    assert (leads["converted_on"].notna() == leads["customer_id"].notna()).all()
    assert (leads["converted_on"] >= leads["created_on"])[leads["converted_on"].notna()].all()
    became = leads.dropna(subset="customer_id").merge(demo["customers"], on="customer_id")
    assert (became["source_x"] == became["source_y"]).all()


def test_a_campaign_loses_mails_at_every_step(demo: dict[str, pd.DataFrame]) -> None:
    mails = demo["campaigns"].dropna(subset="sent")
    assert len(mails) == 36
    for more, fewer in (("sent", "delivered"), ("delivered", "opened"), ("opened", "clicked")):
        assert (mails[more] > mails[fewer]).all()


def test_a_deal_ends_before_its_customer_leaves(demo: dict[str, pd.DataFrame]) -> None:
    gone = demo["opportunities"]["customer_id"].map(demo["customers"].set_index("customer_id")["churned_on"])
    assert (demo["opportunities"]["closed_on"].fillna(NOW)[gone.notna()] <= gone.dropna()).all()


def test_an_answer_follows_its_invitation_and_a_solution_follows_a_reply(demo: dict[str, pd.DataFrame]) -> None:
    answers = demo["surveys"].dropna(subset="answered_on")
    assert (answers["answered_on"] >= answers["sent_on"]).all()
    assert (demo["surveys"]["answered_on"].notna() == demo["surveys"]["score"].notna()).all()
    solved = demo["tickets"].dropna(subset="resolved_at")
    assert (solved["first_reply_at"] > solved["opened_at"]).all()
    assert (solved["resolved_at"] > solved["first_reply_at"]).all()
    assert (solved["contacts"] >= 1).all()


def test_an_order_has_one_customer_one_day_and_no_product_twice(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"]
    assert (lines.groupby("order_id")[["customer_id", "ordered_on", "owner_id"]].nunique() == 1).all().all()
    assert not lines.duplicated(["order_id", "product_id"]).any()


def test_every_won_deal_is_an_order_of_its_amount(demo: dict[str, pd.DataFrame]) -> None:
    won = demo["opportunities"].query("status == 'won'")
    keys = ["customer_id", "product_id", "day", "money"]
    sold = demo["order_lines"].rename(columns={"ordered_on": "day", "revenue": "money"})
    found = won.rename(columns={"closed_on": "day", "amount": "money"})[keys].merge(sold[keys].drop_duplicates())
    assert len(found) == len(won)


def test_a_return_is_negative_throughout_and_rare(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"]
    back = lines["quantity"] < 0
    assert ((lines["revenue"] < 0) == back).all()
    assert ((lines["cost"] < 0) == back).all()
    assert 0.01 < back.mean() < 0.03


def test_an_order_is_promised_for_a_working_day_and_comes_whole(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"]
    assert (lines["promised_on"].isna() == (lines["quantity"] < 0)).all()
    sent = lines[lines["quantity"] > 0]
    assert (sent["promised_on"] > sent["ordered_on"]).all()
    assert (sent["promised_on"].dt.day_of_week < 5).all()
    assert (sent.groupby("order_id")[["promised_on", "delivered_on"]].nunique() <= 1).all().all()
    came = sent.dropna(subset="delivered_on")
    assert (came["delivered_on"] > came["ordered_on"]).all()
    assert came["delivered_on"].max() <= NOW
    # What has not come was ordered lately.
    assert sent.loc[sent["delivered_on"].isna(), "ordered_on"].min() > NOW - pd.Timedelta(days=60)


# What is in it


def test_the_company_has_the_size_it_was_asked_to_have(demo: dict[str, pd.DataFrame]) -> None:
    about = {
        "customers": 4500, "salespeople": 40, "products": 24, "opportunities": 20_000, "activities": 60_000,
        "order_lines": 76_000, "invoices": 60_000, "surveys": 40_000, "tickets": 30_000, "reviews": 3500,
        "leads": 13_000, "customer_changes": 3200, "stage_changes": 80_000, "events": 4, "competitor_sites": 40,
        "opportunity_changes": 17_000, "actions": 12,
    }  # fmt: skip
    for name, rows in about.items():
        assert len(demo[name]) == pytest.approx(rows, rel=0.1), name
    assert demo.keys() == TABLES.keys()
    assert demo["order_lines"]["order_id"].nunique() == pytest.approx(60_000, rel=0.05)
    assert demo["customers"]["acquired_on"].notna().sum() == pytest.approx(4000, rel=0.05)


def test_regions_segments_industries_teams_and_tiers_are_all_there(demo: dict[str, pd.DataFrame]) -> None:
    assert demo["customers"]["region"].nunique() == 13
    assert demo["customers"]["industry"].nunique() == 8
    assert set(demo["customers"]["segment"]) == {"SMB", "Mid-market", "Enterprise"}
    assert demo["salespeople"]["team"].nunique() == 6
    assert demo["products"].groupby("category")["tier"].agg(list).map(sorted).tolist() == [[1, 2, 2, 3]] * 6
    assert (demo["products"]["unit_cost"] < demo["products"]["list_price"]).all()


def test_hostile_names_are_there_and_survive_the_files(demo: dict[str, pd.DataFrame]) -> None:
    customers = duckdb.read_csv(str(DEMO / "customers.csv")).df()
    products = duckdb.read_csv(str(DEMO / "products.csv")).df()
    names = set(customers["name"])
    assert {"<img src=x onerror=alert(1)>", "L'Atelier d'Aliénor", "Établissements Çelik & Noël"} <= names
    assert '=HYPERLINK("http://example.invalid")' in set(products["product"])
    hostile = customers.loc[customers["name"].str.startswith("<img"), "customer_id"].item()
    assert (demo["order_lines"]["customer_id"] == hostile).any()


def test_two_salespeople_share_one_name_and_no_two_customers_do(demo: dict[str, pd.DataFrame]) -> None:
    people = demo["salespeople"].set_index("owner_id")["owner"]
    assert people[people.duplicated(keep=False)].tolist() == ["Camille Martin", "Camille Martin"]
    assert demo["customers"]["name"].is_unique


def test_the_win_rate_is_that_of_a_firm_that_lives_on_selling(deals: pd.DataFrame) -> None:
    closed = deals[deals["status"] != "open"]
    won = closed["status"] == "won"
    assert 0.3 < won.mean() < 0.5
    by_source = won.groupby(closed["source"]).mean()
    assert by_source["Referral"] > by_source["Website"] > by_source["Cold call"]


def test_a_site_visit_raises_the_win_rate(demo: dict[str, pd.DataFrame]) -> None:
    closed = demo["opportunities"].query("status != 'open'").merge(demo["customers"][["customer_id", "segment"]])
    visited = closed["opportunity_id"].isin(demo["activities"].query("kind == 'site visit'")["opportunity_id"])
    rates = (closed["status"] == "won").groupby([closed["segment"], visited]).mean().unstack()
    assert (rates[True] - rates[False] > 0.05).all()


def test_losses_come_sooner_than_wins_and_large_accounts_decide_late(demo: dict[str, pd.DataFrame]) -> None:
    closed = demo["opportunities"].query("status != 'open'").merge(demo["customers"][["customer_id", "segment"]])
    days = (closed["closed_on"] - closed["created_on"]).dt.days.groupby([closed["segment"], closed["status"]]).median()
    for segment in SEGMENTS:
        assert days[segment, "lost"] < days[segment, "won"]
    assert days["SMB", "won"] < days["Mid-market", "won"] < days["Enterprise", "won"]


def test_declared_probabilities_are_too_high_on_the_whole(deals: pd.DataFrame) -> None:
    closed = deals[deals["status"] != "open"]
    excess = closed["probability"].mean() - (closed["status"] == "won").mean()
    assert 0.05 < excess < 0.15


def test_a_few_open_deals_are_stalled_and_a_few_are_overdue(deals: pd.DataFrame) -> None:
    still = deals[deals["status"] == "open"]
    stalled = (NOW - still["updated_on"]).dt.days > 30
    overdue = still["expected_close_on"] < NOW
    assert 0.01 < stalled.mean() < 0.2
    assert 0.01 < overdue.mean() < 0.2


def test_sales_grow_and_rest_in_august(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"]
    month = lines.groupby(lines["ordered_on"].dt.to_period("M"))["revenue"].sum()
    assert len(month) == 36
    years = [month.iloc[i : i + 12].sum() for i in (0, 12, 24)]
    assert years[0] * 1.05 < years[1]
    assert years[1] * 1.05 < years[2]
    orders = lines.groupby(lines["ordered_on"].dt.month)["order_id"].nunique()
    assert orders.idxmin() == 8
    margin = 1 - lines["cost"].sum() / lines["revenue"].sum()
    assert 0.35 < margin < 0.5


def test_known_customers_go_on_to_new_categories_and_higher_tiers(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"].query("quantity > 0 and ordered_on >= '2025-07-01'")
    before = demo["order_lines"].query("ordered_on < '2025-07-01'")
    tiers = demo["products"].set_index("product_id")[["category", "tier"]]
    known = before.join(tiers, on="product_id").groupby(["customer_id", "category"])["tier"].max().rename("reached")
    later = lines[lines["customer_id"].isin(before["customer_id"])].join(tiers, on="product_id")
    later = later.join(known, on=["customer_id", "category"])
    assert later["reached"].isna().mean() > 0.03
    assert (later["tier"] > later["reached"]).mean() > 0.03


def test_good_products_please_more_and_break_less(demo: dict[str, pd.DataFrame]) -> None:
    quality = pd.Series(QUALITY, index=demo["products"]["product_id"])
    good = set(quality[quality > 0.15].index)
    answers = demo["surveys"].dropna(subset=["score", "product_id"])
    scores = answers.groupby(answers["product_id"].isin(good))["score"].mean()
    assert scores[True] > scores[False] + 0.2
    lines, tickets = demo["order_lines"], demo["tickets"]
    rate = {
        kind: tickets["product_id"].isin(good).eq(kind).sum() / lines["product_id"].isin(good).eq(kind).sum()
        for kind in (True, False)
    }
    assert rate[True] < rate[False]


# The draws


def test_exp_and_logistic_agree_with_the_c_library_to_a_hundredth_of_a_per_cent() -> None:
    x = np.linspace(-6, 6, 101)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=1e-4)
    np.testing.assert_allclose(logistic(x), 1 / (1 + np.exp(-x)), rtol=1e-4)


def test_counts_have_the_mean_and_the_variance_of_a_poisson_number() -> None:
    counts = Draws(1, "counts").counts(0.7, 100_000)
    assert counts.mean() == pytest.approx(0.7, abs=0.02)
    assert counts.var() == pytest.approx(0.7, abs=0.02)
    assert Draws(1, "counts").counts(np.zeros(5), 5).tolist() == [0] * 5


def test_the_streams_of_two_blocks_differ_and_the_first_is_the_stream_without_blocks() -> None:
    assert (Streams(1).of("a").shares(5) == Draws(1, "a").shares(5)).all()
    assert (Streams(1, 1).of("a").shares(5) != Streams(1, 2).of("a").shares(5)).all()


def test_bells_have_mean_nought_and_deviation_one() -> None:
    bells = Draws(1, "bells").bells(100_000)
    assert bells.mean() == pytest.approx(0, abs=0.02)
    assert bells.std() == pytest.approx(1, abs=0.02)


def test_picks_follow_their_weights() -> None:
    picked = np.bincount(Draws(1, "picks").picks([1, 0, 3], 40_000), minlength=3)
    assert picked[1] == 0
    assert picked[2] / picked[0] == pytest.approx(3, rel=0.1)


def test_streams_of_two_names_differ_and_of_one_name_agree() -> None:
    assert (Draws(1, "a").shares(5) == Draws(1, "a").shares(5)).all()
    assert (Draws(1, "a").shares(5) != Draws(1, "b").shares(5)).all()


def test_a_weekend_is_moved_to_its_friday() -> None:
    week = np.arange("2026-06-22", "2026-06-29", dtype="datetime64[D]").astype(np.int64)
    assert (working(week) - week).tolist() == [0, 0, 0, 0, 0, -1, -2]


# The dictionary


def test_the_dictionary_in_the_readme_is_the_model() -> None:
    readme = (TOP / "data" / "README.md").read_text(encoding="utf-8")
    assert f"{BEGIN}\n{dictionary_text()}\n{END}" in readme


def test_the_dictionary_names_every_column_of_every_table() -> None:
    text = dictionary_text()
    for name, table in TABLES.items():
        part = text.split(f"### {name}\n")[1].split("\n### ")[0]
        assert all(f"| `{column}`" in part for column in table.names)
        assert {line.replace("\\|", "").count("|") for line in part.splitlines() if line.startswith("|")} == {6}


def test_refreshing_replaces_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")
    refresh(page)
    assert page.read_text(encoding="utf-8") == f"above\n{BEGIN}\n{dictionary_text()}\n{END}\nbelow\n"


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no place for the dictionary"):
        refresh(page)


# Order lines by the million


def test_many_order_lines_are_the_same_in_every_form_and_obey_the_model(tmp_path: Path) -> None:
    rows = order_lines(30_000, 5, into=tmp_path / "p", customers=500)
    assert rows == {"customers": 500, "salespeople": 40, "products": 24, "order_lines": 30_000}
    order_lines(30_000, 5, into=tmp_path / "c", form="csv", customers=500)
    order_lines(30_000, 5, into=tmp_path / "d.duckdb", form="duckdb", customers=500)
    with duckdb.connect(str(tmp_path / "d.duckdb"), read_only=True) as connection:
        for name in rows:
            stored = connection.execute(f"FROM {name}").df()
            columns = connection.execute(f"DESCRIBE {name}").fetchall()
            assert [(c[0], c[1]) for c in columns] == [(c.name, c.sql_type) for c in TABLES[name].columns]
            assert stored.equals(connection.execute(f"FROM '{tmp_path}/p/{name}.parquet'").df())
            assert connection.execute(f"SELECT count(*) FROM '{tmp_path}/c/{name}.csv'").fetchall() == [(rows[name],)]
        orphans = connection.execute(
            "SELECT count(*) FROM order_lines WHERE customer_id NOT IN (SELECT customer_id FROM customers) "
            "OR product_id NOT IN (SELECT product_id FROM products) "
            "OR owner_id NOT IN (SELECT owner_id FROM salespeople)"
        ).fetchone()
        per_order = connection.execute(
            "SELECT max(n), max(d) FROM (SELECT count(DISTINCT customer_id) n, count(DISTINCT ordered_on) d "
            "FROM order_lines GROUP BY order_id)"
        ).fetchone()
        first, last, keys = connection.execute(
            "SELECT min(ordered_on), max(ordered_on), count(DISTINCT line_id) FROM order_lines"
        ).fetchall()[0]
    assert orphans == (0,)
    assert per_order == (1, 1)
    assert keys == 30_000
    assert dt.date(2023, 7, 1) <= first < dt.date(2023, 8, 1)
    assert dt.date(2026, 6, 1) <= last <= AS_OF


def test_the_order_lines_of_another_seed_differ(tmp_path: Path) -> None:
    totals = set()
    for seed in (1, 2):
        order_lines(5_000, seed, into=tmp_path / str(seed), customers=100)
        totals.add(duckdb.sql(f"SELECT sum(revenue) FROM '{tmp_path}/{seed}/order_lines.parquet'").fetchall()[0])
    assert len(totals) == 2


def test_the_products_and_units_of_many_order_lines_are_spread_evenly(tmp_path: Path) -> None:
    order_lines(48_000, into=tmp_path, customers=100)
    lines = duckdb.sql(f"FROM '{tmp_path}/order_lines.parquet'").df()
    counts = lines["product_id"].value_counts()
    assert len(counts) == 24
    assert counts.between(1_800, 2_200).all()
    assert lines["quantity"].value_counts().between(2_200, 2_600).all()


@pytest.mark.parametrize("given", [{"rows": 0}, {"rows": 10, "customers": 3}, {"rows": 10, "seed": -1}])
def test_order_lines_out_of_bounds_are_refused(given: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="give 1 row or more"):
        order_lines(**given, into=tmp_path)


def test_a_database_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.duckdb").touch()
    with pytest.raises(BadInput, match="exists already"):
        order_lines(10, into=tmp_path / "kept.duckdb", form="duckdb")


# Targets


def test_revenue_is_aimed_at_month_by_month_and_the_families_add_up_to_the_company(
    demo: dict[str, pd.DataFrame],
) -> None:
    revenue = demo["targets"].query("kpi == 'revenue'")
    company, family = revenue[revenue["member"].isna()], revenue[revenue["member"].notna()]
    assert company["month"].dt.strftime("%Y-%m").tolist() == [
        str(m) for m in pd.period_range("2024-07", "2026-12", freq="M")
    ]
    pd.testing.assert_series_equal(
        company.set_index("month")["value"], family.groupby("month")["value"].sum(), check_names=False
    )
    assert set(family["member"]) == set(SEGMENTS)
    assert set(family["dimension"]) == {"segment"}


def test_a_months_revenue_target_is_that_of_a_year_before_and_so_much_more(demo: dict[str, pd.DataFrame]) -> None:
    lines = demo["order_lines"].merge(demo["customers"][["customer_id", "segment"]])
    before = lines[(lines["segment"] == "SMB") & (lines["ordered_on"].dt.to_period("M") == "2025-05")]["revenue"].sum()
    aimed = demo["targets"].set_index("target_id").loc["revenue|2026-05-01|segment=SMB", "value"]
    assert aimed == pytest.approx(before * 1.2, abs=500)
    assert aimed % 1000 == 0


def test_a_company_of_one_year_has_no_targets_beyond_the_next_december_and_none_in_its_first_months() -> None:
    young = make(scale=0.1, months=12, until=dt.date(2025, 12, 31))
    assert len(young["targets"]) == 0
    grown = make(scale=0.1, months=13, until=dt.date(2025, 12, 31))["targets"]
    assert grown["month"].dt.strftime("%Y-%m").unique().tolist() == ["2025-12"]
