"""The territory: names and outlines of areas, the department of a customer, gaps and distances, the page's figures."""

import json
from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.demo import words as demo_words
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import territory
from kpilib.figures.territory.area_values import measured
from kpilib.model import places
from kpilib.show import View
from kpilib.show.charts import render
from kpilib.show.charts.map import area_map
from kpilib.show.charts.map_skeletons import plane
from kpilib.stats.geography import haversine, located

#: Towns and their departments, as any atlas has them.
ATLAS = {
    "Paris": "75", "Boulogne-Billancourt": "92", "Saint-Denis": "93", "Versailles": "78", "Lyon": "69", "Brest": "29",
    "Ajaccio": "2A", "Bastia": "2B", "Le Havre": "76", "La Rochelle": "17", "Dunkerque": "59", "Nice": "06",
    "Avignon": "84", "Strasbourg": "67", "Perpignan": "66", "Toulon": "83",
}  # fmt: skip
PARIS, LYON, BREST = (48.8566, 2.3522), (45.764, 4.8357), (48.3904, -4.4861)
FIGURES = {
    "map": territory.on_the_map, "rates": territory.rates, "distances": territory.distances,
    "near": territory.near_rivals, "gaps": territory.coverage_gaps, "few": territory.few_buy,
}  # fmt: skip


def customer(at, region="Île-de-France", place=PARIS, **more):
    known = {"latitude": place[0], "longitude": place[1]} if place else {}
    return {"customer_id": f"c{at}", "name": f"C{at}", "region": region, "country": "France", "city": None,
            "acquired_on": "2026-01-10", "churned_on": None, **known, **more}  # fmt: skip


def firm(*customers, **tables):
    return kpilib.open({"customers": pd.DataFrame(customers), **tables}, as_of="2026-06-30")


@pytest.fixture(scope="module")
def book():
    """Twelve customers in Paris, three in Lyon, one nobody knows where; leads, lost deals, two competitors."""
    people = [*(customer(i) for i in range(12)), *(customer(20 + i, "ARA", LYON) for i in range(3)),
              customer(30, None, None)]  # fmt: skip
    leads = pd.DataFrame(
        {"lead_id": [f"l{i}" for i in range(9)], "created_on": "2026-03-01", "region": ["ARA"] * 6 + ["IDF"] * 3,
         "converted_on": [None] * 8 + ["2026-04-01"]}
    )  # fmt: skip
    deals = pd.DataFrame(
        {"opportunity_id": ["d1", "d2"], "customer_id": ["c1", "c20"], "status": ["lost", "won"], "amount": 10.0,
         "created_on": "2026-02-01", "closed_on": "2026-04-02"}
    )  # fmt: skip
    sites = pd.DataFrame(
        {"site_id": ["s1", "s2"], "competitor": ["Argos", "Vauban"], "latitude": [PARIS[0], BREST[0]],
         "longitude": [PARIS[1], BREST[1]]}
    )  # fmt: skip
    return firm(*people, leads=leads, opportunities=deals, competitor_sites=sites)


@pytest.fixture(scope="module")
def view(book):
    return View(book, {}, "2026-01", "2026-06")


# --- names and outlines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", list(places.REGION_ALIASES))
def test_every_alias_of_a_region_and_its_name_and_code_give_its_code(code):
    name = next(area.name for area in places.areas("region") if area.code == code)
    for said in (*places.REGION_ALIASES[code], name, name.upper(), name.replace("-", " "), code, f"Région {name}"):
        assert places.region_of(said) == code, said


def test_no_alias_names_two_regions_and_foreign_names_none():
    every = [places.plain(a) for aliases in places.REGION_ALIASES.values() for a in aliases]
    assert len(every) == len(set(every))
    assert [places.region_of(name) for name in ("SP", "Bayern", "", "(not given)", "West")] == [""] * 5


def test_the_outlines_are_13_regions_and_96_departments_small_enough_to_send():
    assert (len(places.areas("region")), len(places.areas("department"))) == (13, 96)
    assert (places.SHAPES / "regions.json").stat().st_size < 60_000
    assert (places.SHAPES / "departments.json").stat().st_size < 150_000
    assert "Licence Ouverte" in (places.SHAPES / "LICENSE").read_text("utf-8")


def test_each_piece_of_a_border_is_one_area_s_or_the_same_in_two():
    def edges(level):
        lines = [ring for area in places.areas(level) for ring in area.rings]
        return Counter(frozenset((tuple(a), tuple(b))) for ring in lines for a, b in pairwise(ring))

    departments, regions = edges("department"), edges("region")
    assert set(departments.values()) <= {1, 2}
    assert set(regions) <= set(departments)  # a region's outline is made of its departments'


def test_the_towns_of_the_demo_lie_in_the_regions_and_departments_that_an_atlas_gives_them():
    areas = places.areas("department")
    towns = demo_words.CITIES
    at = located([t[2] for t in towns], [t[3] for t in towns], [a.rings for a in areas], within=5)
    assert [areas[i].region for i in at] == [places.region_of(t[0]) for t in towns]
    found = {town[1]: areas[i].code for town, i in zip(towns, at, strict=True)}
    assert {town: found[town] for town in ATLAS} == ATLAS


def test_the_simplified_outlines_say_what_those_of_ign_say_of_99_points_in_100(shared_data):
    raw = json.loads((shared_data / "geo" / "departements-version-simplifiee.geojson").read_text("utf-8"))["features"]

    def rings(geometry):
        several = geometry["type"] == "MultiPolygon"
        return [ring for p in (geometry["coordinates"] if several else [geometry["coordinates"]]) for ring in p]

    rng = np.random.default_rng(2)
    lat, lon = rng.uniform(42.3, 51, 4000), rng.uniform(-4.8, 8.2, 4000)
    true = located(lat, lon, [rings(one["geometry"]) for one in raw])
    ours = located(lat, lon, [area.rings for area in places.areas("department")], within=5)
    codes, own = [one["properties"]["code"] for one in raw], [area.code for area in places.areas("department")]
    land = np.flatnonzero(true >= 0)
    assert np.mean([codes[true[i]] == own[ours[i]] and ours[i] >= 0 for i in land]) > 0.985


# --- the department of a customer ---------------------------------------------------------------------------------


def test_a_department_is_the_one_given_else_the_postal_code_s_else_the_place_s_and_never_guessed():
    made = firm(
        customer(1, department="rhône", postal_code="75001"), customer(2, postal_code="20200", place=PARIS),
        customer(3), customer(4, place=None, city="Lyon"), customer(5, None, (40.4, -3.7), country="Spain"),
        customer(6, None, None, country="Brazil", postal_code="01310"), customer(7, None, None, postal_code="97400"),
    )  # fmt: skip
    rows = made.panel("customer_lives", columns=["customer_id", "department"]).set_index("customer_id")["department"]
    assert rows.to_dict() == {
        "c1": "69 Rhône", "c2": "2B Haute-Corse", "c3": "75 Paris", "c4": "(not given)", "c5": "(not given)",
        "c6": "(not given)", "c7": "974 La Réunion",
    }  # fmt: skip


def test_of_two_departments_at_a_border_the_one_in_the_region_that_the_customer_names_is_taken():
    bank = (43.9500, 4.7900)  # the right bank of the Rhône facing Avignon: Gard by the outline
    assert (places.department_of("Gard"), places.department_of("Vaucluse")) == ("30", "84")
    made = firm(customer(1, None, bank), customer(2, "Provence-Alpes-Côte d'Azur", bank), customer(3, "Bretagne", bank))
    rows = made.panel("customer_lives", columns=["department"])["department"].tolist()
    assert rows == ["30 Gard", "84 Vaucluse", "30 Gard"]


# --- the KPIs -----------------------------------------------------------------------------------------------------


def test_the_coverage_gap_is_leads_and_lost_deals_for_a_hundred_customer_months(book):
    whole = book.kpi("coverage_gap").iloc[0]
    # 8 leads that came to nothing and a lost deal; 16 customers in each month from February, when the data begin.
    assert (whole["numerator"], whole["denominator"]) == (900, 80)
    by = book.kpi("coverage_gap", by="region").set_index("group")
    assert by.loc["ARA", "value"] == pytest.approx(100 * 6 / 15)
    assert by.loc["Île-de-France", ["numerator", "denominator"]].tolist() == [100, 60]
    assert by.loc["IDF", "numerator"] == 200
    assert book.kpi("coverage_gap", variant="leads").iloc[0]["numerator"] == 800
    assert book.kpi("coverage_gap", variant="lost_deals").iloc[0]["numerator"] == 100


def test_the_distance_is_the_mean_of_the_active_customers_whose_place_is_known(book):
    far = book.kpi("distance_to_competitor").iloc[0]
    apart = float(haversine(*LYON, *PARIS))
    assert far["value"] == pytest.approx(3 * apart / 15)
    assert far["denominator"] == 15
    assert book.kpi("distance_to_competitor", variant="near_share").iloc[0]["value"] == pytest.approx(12 / 15)


def test_data_without_sites_or_places_say_what_is_lacking():
    bare = firm(customer(1, place=None))
    assert "competitor_sites" in bare.why_not("distance_to_competitor")
    assert "'leads' or 'opportunities'" in bare.why_not("coverage_gap")


# --- the figures --------------------------------------------------------------------------------------------------


def test_members_that_name_the_same_region_are_one_area_and_the_others_are_counted(view):
    areas = measured(view, "coverage_gap", "region")
    told = areas.frame.set_index("name")
    assert told.loc["Île-de-France", "value"] == pytest.approx(100 * 3 / 60)
    assert dict(areas.off) == {"(not given)": 5}
    drawn = territory.coverage_gaps(view)
    assert drawn.table["Came to nothing"].sum() == 9
    assert drawn.table["Region"].tolist()[0] == "Auvergne-Rhône-Alpes"


def test_an_area_of_few_rows_is_dashed_and_has_no_shade(view):
    plot = territory.on_the_map(view, "Customers").chart
    told = {row["code"]: row for row in plot.data["rows"]}
    assert told["11"]["enough"]
    assert told["11"]["shade"] > 0
    assert not told["84"]["enough"]  # three customers
    assert told["84"]["shade"] is None
    assert told["84"]["group"] == "ARA"  # a click opens the member as the data call it
    assert told["53"]["group"] is None
    assert len(plot.data["rows"]) == 13


def test_the_map_draws_every_area_and_a_dot_where_its_town_lies(view):
    drawn = territory.on_the_map(view, "Customers", dots="Our customers")
    svg = render.svg(drawn.chart)
    assert svg.count("stroke-dasharray") >= 12
    dots = drawn.chart.data["dots"]
    assert [dot["x"] for dot in dots] == pytest.approx([plane(PARIS[1], PARIS[0])[0], plane(LYON[1], LYON[0])[0]])
    assert dots[0]["size"] > dots[1]["size"]
    assert plane(*PARIS[::-1])[1] < plane(*LYON[::-1])[1]  # the north is above


def test_classes_of_a_map_hold_as_many_areas_each_as_can_be():
    names = [area.code for area in places.areas("region")]
    frame = pd.DataFrame({"code": names, "group": names, "value": range(13), "low": None, "high": None, "rows": 50})
    shades = Counter(row["shade"] for row in area_map(frame, level="region", unit="count").data["rows"])
    assert sorted(shades.values()) == [2, 2, 3, 3, 3]


def test_regions_without_an_outline_are_drawn_as_bars_which_say_why(shared_data):
    brazil = kpilib.open(shared_data / "olist_sample")
    view = View(brazil)
    drawn = territory.on_the_map(view, "Revenue", "region")
    assert "Bars stand in for the map" in drawn.note
    assert drawn.chart.data["rows"][0]["group"] == "SP"
    assert "key" not in drawn.chart.data
    asked = brazil.kpi("revenue", by="region").set_index("group")["value"]
    assert drawn.table.set_index("Region")["Revenue"].to_dict() == pytest.approx(asked.dropna().to_dict())
    assert set(brazil.panel("customer_lives", columns=["department"])["department"]) <= {"(not given)"}
    with pytest.raises(CannotAnswer, match="competitor_sites"):
        territory.distances(view)


def test_distances_are_counted_by_class_and_by_area(view):
    drawn = territory.distances(view)
    bars = {row["group"]: row["value"] for row in drawn.chart.data["rows"]}
    assert bars["Under 2 km"] == 12
    assert bars["100 km and more"] == 3
    assert "Half of the 15 active customers" in drawn.finding
    assert "1 of 16 active customers" in drawn.note


@pytest.mark.parametrize("name", FIGURES)
def test_data_with_nothing_for_a_figure_get_a_sentence_and_no_traceback(name):
    bare = firm(customer(1, None, None))
    with pytest.raises(CannotAnswer) as said:
        FIGURES[name](View(bare))
    assert str(said.value).endswith((".", "?"))


def test_an_unknown_measure_is_refused_with_what_exists(view):
    with pytest.raises(UnknownName, match="Revenue"):
        territory.on_the_map(view, "Revenu")


# --- beside inhabitants -------------------------------------------------------------------------------------------


def test_the_inhabitants_are_those_that_insee_publishes():
    """Populations légales 2020: Île-de-France, Pays de la Loire, Corsica, Paris, Nord; all of 65,269,154 but few."""
    regions, departments = places.population("region"), places.population("department")
    assert (regions["11"], regions["52"], regions["94"]) == (12_271_794, 3_832_120, 343_701)
    assert (departments["75"], departments["59"], departments["49"]) == (2_145_906, 2_607_746, 820_713)
    assert sum(regions.values()) == sum(departments.values())
    assert 0 <= 65_269_154 - sum(regions.values()) < 3_000
    assert set(departments) == {area.code for area in places.areas("department")}


def test_customers_beside_inhabitants_have_every_area_and_the_rate_that_a_hand_gets(view):
    table = territory.few_buy(view).table.set_index("Region")
    assert len(table) == 13
    assert table.loc["Île-de-France", "For 100,000 inhabitants"] == pytest.approx(12 / 122.71794)
    assert table.loc["Bretagne", ["Customers", "Inhabitants"]].tolist() == [0, 3_373_835]
    assert table["Customers"].sum() == 15
    assert "(not given) (1)" in territory.few_buy(view).note


def test_a_region_where_few_buy_is_found_and_one_of_luck_is_not():
    rng, people = np.random.default_rng(3), places.population("region")

    def found(rate):
        drawn = {area.name: rng.poisson(rate[area.code] * people[area.code]) for area in places.areas("region")}
        made = firm(*(customer(f"{name}-{i}", name, None) for name, count in drawn.items() for i in range(count)))
        return territory.few_buy(View(made))

    even = dict.fromkeys(people, 1e-5)
    assert "nowhere do fewer buy" in found(even).finding
    rate = {**even, "76": 2.5e-6}
    low = found(rate)
    assert low.finding.split(". ")[1].startswith("Occitanie stands out")
    first, whole = low.table.iloc[0], sum(rate[code] * people[code] for code in people) / sum(people.values())
    assert first["Lacking to the whole"] == pytest.approx((whole - rate["76"]) * people["76"], rel=0.25)
    assert first["Among the last 3"] > 0.95


def test_where_regions_are_chosen_nobody_is_lacking_elsewhere(demo):
    view = View(demo, {"region": ["Bretagne", "Occitanie"]}, "2025-07", "2026-06")
    assert set(territory.few_buy(view).table["Region"]) == {"Bretagne", "Occitanie"}
    inside = territory.few_buy(view, "department").table
    assert len(inside) == 4 + 13
    assert inside["Customers"].sum() == view.kpi("active_customers")["value"].item()


def test_customers_of_another_country_are_not_set_beside_the_french():
    with pytest.raises(CannotAnswer, match="metropolitan France"):
        territory.few_buy(View(firm(*(customer(i, "Bavaria", None) for i in range(30)))))


# --- planted, and not planted -------------------------------------------------------------------------------------


def test_the_region_without_a_salesperson_is_the_only_gap_found_in_the_demo(demo):
    view = View(demo, {}, "2025-07", "2026-06")
    drawn = territory.coverage_gaps(view, "Leads")
    (unserved,) = demo_words.SERVED_FROM
    assert drawn.finding.split(". ")[1].startswith(f"{unserved} stands out")
    assert "also" not in drawn.finding
    row = drawn.table.iloc[0]
    low, high = (float(end) for end in row["Expected, 95%"].split(" to "))
    assert low < 2.5 < high  # what truths.py plants, drawn a little to 1
    by_hand = demo.panel("leads", since="2025-07", until="2026-06", columns=["region", "converted_on"])
    assert row["Came to nothing"] == (by_hand["converted_on"].isna() & (by_hand["region"] == unserved)).sum()


def test_nothing_is_planted_on_distance_and_nothing_is_found(demo):
    found = demo.finding("distance_hypothesis")
    assert (found["churn"]["verdict"], found["wins"]["verdict"]) == ("none", "none")
    far = demo.finding("territory")["customers"]["distance_km"]
    assert far.mean() == pytest.approx(demo.kpi("distance_to_competitor").iloc[0]["value"])


def test_departments_of_the_demo_add_up_and_lie_in_their_regions(demo):
    people = demo.panel("customer_lives", columns=["region", "department"])
    own = people["department"].map(lambda one: one.split(" ")[0])
    region = {area.code: area.region for area in places.areas("department")}
    assert (own.map(region) == people["region"].map(places.region_of)).mean() > 0.999
    total = demo.kpi("active_customers").iloc[0]["value"]
    assert demo.kpi("active_customers", by="department")["value"].sum() == total


def test_a_difference_that_is_there_is_found_and_said():
    rng = np.random.default_rng(11)
    people = [customer(i, place=PARIS if i % 2 else BREST, churned_on="2026-04-15" if i % 2 and i % 3 else None)
              for i in range(240)]  # fmt: skip
    rng.shuffle(people)
    sites = pd.DataFrame({"site_id": ["s"], "competitor": ["A"], "latitude": [PARIS[0]], "longitude": [PARIS[1]]})
    made = firm(*people, competitor_sites=sites)
    assert made.finding("distance_hypothesis")["churn"]["verdict"] == "differs"
    said = territory.near_rivals(View(made)).finding
    assert said.startswith("They go together: of the same family and month")


def test_a_filter_narrows_the_map_and_the_list_of_distances(demo):
    view = View(demo, {"segment": ["Enterprise"]}, "2025-07", "2026-06")
    drawn = territory.on_the_map(view, "Customers", "department")
    asked = view.kpi("active_customers")["value"].item()
    assert drawn.table["Active customers"].sum() == asked
    assert territory.distances(view).rows == asked


@pytest.mark.parametrize("draw", [territory.on_the_map, partial(territory.rates, by="department")])
def test_french_readers_read_no_english_unit_in_the_key(demo, draw):
    drawn = draw(View(demo, {}, "2025-07", "2026-06", "fr"))
    assert drawn.finding
