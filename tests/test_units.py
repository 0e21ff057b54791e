"""How values are written, in English and in French."""

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpilib import digits, units
from kpilib.errors import BadInput, UnknownName
from kpilib.units import NOTHING, UNITS, d3_format, d3_locale, difference_text, interval_text, short, table_format, text

UNIT = st.sampled_from(sorted(UNITS))
LOCALE = st.sampled_from(["en", "fr", "de", "fr_CH"])


def spaced(written):
    """Put plain spaces where French has narrow and unbreakable ones."""
    return written.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (0.632, "share", "63.2%", "63,2 %"),
        (1.5, "share", "150.0%", "150,0 %"),
        (10005534, "money", "€10,005,534", "10 005 534 €"),
        (12.5, "money", "€12.50", "12,50 €"),
        (12, "money", "€12", "12 €"),
        (-950.4, "money", "−€950", "−950 €"),
        (4166.67, "money/day", "€4,167 per day", "4 167 € par jour"),
        (1234, "count", "1,234", "1 234"),
        (2.25, "count", "2.3", "2,3"),
        (12.34, "days", "12.3 days", "12,3 jours"),
        (0.5, "hours", "0.5 hours", "0,5 heure"),
        (-3.14, "score", "−3.1", "−3,1"),
        (3.14159, "ratio", "3.14", "3,14"),
    ],
)
def test_each_unit_is_written_as_its_language_writes_it(value, unit, english, french):
    assert text(value, unit) == english
    assert spaced(text(value, unit, locale="fr")) == french


def test_french_thousands_do_not_break_at_the_end_of_a_line():
    assert text(10005534, "money", locale="fr") == "10\u202f005\u202f534\xa0€"


def test_precision_sets_the_decimals_of_per_cent_and_of_money():
    assert text(0.63249, "share", precision=2) == "63.25%"
    assert text(0.63249, "share", precision=0) == "63%"
    assert text(1234.5, "money", precision=2) == "€1,234.50"
    assert text(1, "days", precision=0) == "1 day"


def test_yen_have_no_cents_and_other_currencies_their_own_sign():
    assert text(12.5, "money", currency="JPY") == "¥13"
    assert text(2500, "money", currency="USD") == "$2,500"
    assert spaced(text(2500, "money", currency="USD", locale="fr")) == "2 500 $US"


@pytest.mark.parametrize("currency", ["XXX", ""])
def test_money_without_a_currency_is_a_plain_number(currency):
    assert text(10005534, "money", currency=currency) == "10,005,534"
    assert short(10005534, "money", currency=currency) == "10.0M"
    assert text(12.5, "money/day", currency=currency) == "12.50 per day"


@settings(deadline=None)  # a language's first use reads its data
@given(UNIT, LOCALE)
def test_nothing_observed_is_a_dash_and_never_a_nought(unit, locale):
    for written in (text, short, difference_text):
        assert written(math.nan, unit, locale=locale) == NOTHING
        assert written(None, unit, locale=locale) == NOTHING
    assert interval_text(math.nan, 1.0, unit, locale=locale) == NOTHING


@settings(deadline=None)  # a language's first use reads its data
@example(1.797693134862316e306, "share", "en")  # per cent of it is no float any more
@given(st.floats(allow_nan=False, allow_infinity=True), UNIT, LOCALE)
def test_any_number_can_be_written_anywhere(value, unit, locale):
    for written in (text, short, difference_text):
        assert written(value, unit, locale=locale)
        assert "-" not in written(value, unit, locale=locale)


@settings(deadline=None)  # a language's first use reads its data
@example(-1234567.125, "money", "de")
@given(st.floats(-1e15, 1e15), UNIT, st.sampled_from(["en", "fr", "de", "fr_CH", "hi", "ar", "sv"]))
def test_numbers_are_written_as_babel_writes_them(value, unit, locale):
    written = [text(value, unit, locale=locale), short(value, unit, locale=locale)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digits, "_form", lambda *_: None)
        units._text.cache_clear()
        assert [text(value, unit, locale=locale), short(value, unit, locale=locale)] == written
    units._text.cache_clear()


@settings(deadline=None)  # a language's first use reads its data
@given(st.integers(-(10**12), 10**12), LOCALE)
def test_a_whole_count_reads_back_from_its_digits(value, locale):
    digits = "".join(c for c in text(value, "count", locale=locale) if c.isdigit() or c == "−")
    assert int(digits.replace("−", "-")) == value


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (9999, "money", "€9,999", "9 999 €"),
        (10005534, "money", "€10.0M", "10,0 M €"),
        (999950, "count", "1.00M", "1,00 M"),
        (-12345, "count", "−12.3K", "−12,3 k"),
        (1.234e9, "money", "€1.23B", "1,23 Md €"),
        (123456, "money/day", "€123K per day", "123 k € par jour"),
        (1e30, "count", "1" + ",000" * 10, "1" + " 000" * 10),
        (0.632, "share", "63.2%", "63,2 %"),
        (12345, "days", "12,345.0 days", "12 345,0 jours"),
    ],
)
def test_a_tile_shows_three_figures_from_ten_thousand_on(value, unit, english, french):
    assert short(value, unit) == english
    assert spaced(short(value, unit, locale="fr")) == french


def test_a_language_without_short_thousands_gets_them_in_full():
    assert short(12345, "count", locale="de") == "12.345"


def test_both_ends_of_an_interval_have_the_same_decimals():
    assert interval_text(0.2553, 0.3662, "share") == "25.5% to 36.6%"
    assert spaced(interval_text(0.2553, 0.3662, "share", locale="fr")) == "25,5 % à 36,6 %"
    assert interval_text(95.2, 1204, "money") == "€95 to €1,204"
    assert interval_text(2, 3.5, "count") == "2.0 to 3.5"
    assert interval_text(1, 2, "ratio", precision=1) == "1.0 to 2.0"


def test_an_interval_without_bounds_says_so():
    assert interval_text(-math.inf, math.inf, "money") == "−∞ to ∞"
    assert interval_text(-math.inf, 5, "count") == "−∞ to 5"


@pytest.mark.parametrize(
    ("difference", "unit", "english", "french"),
    [
        (-0.031, "share", "−3.1 points", "−3,1 points"),
        (0.031, "share", "+3.1 points", "+3,1 points"),
        (-0.005, "share", "−0.5 points", "−0,5 point"),
        (0.0004, "share", "0.0 points", "0,0 point"),
        (-0.0004, "share", "0.0 points", "0,0 point"),
        (1200, "money", "+€1,200", "+1 200 €"),
        (-1200, "money", "−€1,200", "−1 200 €"),
        (2.5, "days", "+2.5 days", "+2,5 jours"),
        (0, "count", "0", "0"),
        (math.inf, "ratio", "∞", "∞"),
    ],
)
def test_a_difference_has_its_sign_and_shares_differ_in_points(difference, unit, english, french):
    assert difference_text(difference, unit) == english
    assert spaced(difference_text(difference, unit, locale="fr")) == french


def test_one_point_is_singular_without_decimals():
    assert difference_text(0.01, "share", precision=0) == "+1 point"
    assert difference_text(0.02, "share", precision=0) == "+2 points"


def test_a_language_without_words_of_ours_gets_the_english_ones_with_its_own_numbers():
    assert difference_text(-0.031, "share", locale="de") == "−3,1 points"
    assert text(2, "days", locale="ja") == "2.0 days"


def test_a_column_is_written_by_one_function():
    import pandas as pd

    column = pd.Series([0.5, math.nan])
    assert column.map(table_format("share", locale="fr")).map(spaced).tolist() == ["50,0 %", "–"]


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_vega_writes_the_axis_formats_as_we_write_texts(unit):
    """Render a one-label chart and read the label: d3 must agree with Babel on the digits."""
    import vl_convert

    value = 0.6318 if unit in ("share", "ratio", "score", "days", "hours") else 1234
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [{"v": value}]},
        "mark": "text",
        "encoding": {"text": {"field": "v", "type": "quantitative", "format": d3_format(unit)}},
    }
    picture = vl_convert.vegalite_to_svg(json.dumps(chart))
    number = text(value, unit, currency="XXX").split(" ")[0]
    assert f">{number}</text>" in picture


def test_long_axes_are_shortened_and_small_ones_never_in_thousandths():
    assert d3_format("money", largest=2e6) == "~s"
    assert d3_format("count", largest=-20_000) == "~s"
    assert d3_format("count", largest=3) == ",~f"
    assert d3_format("days", largest=2e6) == ",.1f"


def test_charts_in_french_get_the_decimal_comma_and_the_sign_behind():
    assert d3_locale("fr") == {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\xa0€"]}
    assert d3_locale("en", currency="XXX")["currency"] == ["", ""]


@pytest.mark.parametrize("call", [text, short, difference_text])
def test_an_unknown_unit_is_refused_with_the_nearest_one(call):
    with pytest.raises(UnknownName, match=r"No unit is called 'shares'. Did you mean 'share'\?"):
        call(1.0, "shares")
    with pytest.raises(UnknownName, match="'day'"):
        d3_format("day")
    with pytest.raises(UnknownName, match="'%'"):
        table_format("%")


@pytest.mark.parametrize("locale", ["xx", "", "not a locale"])
def test_an_unknown_language_is_refused(locale):
    with pytest.raises(BadInput, match="No locale is called"):
        text(1.0, "count", locale=locale)


def test_a_language_tag_with_a_hyphen_is_understood():
    assert spaced(text(0.5, "share", locale="fr-FR")) == "50,0 %"
