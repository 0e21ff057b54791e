"""Columns of text become numbers, money, shares, dates and times, decided from all of their rows."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas
import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput, UnknownName
from kpilib.model.columns import Type
from kpilib.sources import files, numerals, values
from kpilib.sources.dates import MONTHS

Read = tuple[list[Any], values.Decision]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(con: duckdb.DuckDBPyConnection, texts: list[str | None], type: Type, **answers: str) -> Read:
    """The values that a column of these texts yields, and the decision."""
    con.execute("CREATE OR REPLACE TABLE s1 AS SELECT unnest($texts::VARCHAR[]) AS c", {"texts": texts})
    return column(con, type, **answers)


def column(con: duckdb.DuckDBPyConnection, type: Type, **answers: str) -> Read:
    decision = values.decide(con, "s1", "c", type, **answers)
    return [row[0] for row in con.execute(f"SELECT {decision.sql} FROM s1").fetchall()], decision


def one(con: duckdb.DuckDBPyConnection, text: str, type: Type, **answers: str) -> Any:
    return read(con, [text], type, **answers)[0][0]


# --- blanks


@pytest.mark.parametrize("type", ["text", "date", "time", "whole", "number", "money", "share"])
def test_what_software_writes_for_nothing_is_blank_in_every_type(con: duckdb.DuckDBPyConnection, type: Type) -> None:
    texts = [None, "", "  ", "\u00a0", "NULL", "null", "N/A", "n/a", "NaN", "-", "#N/A"]
    found, decision = read(con, texts, type)
    assert found == [None] * 11
    assert con.execute(f"SELECT count(*) FROM s1 WHERE {decision.blank}").fetchone() == (11,)
    assert decision.question == ""


def test_namibia_and_the_word_none_are_not_blank(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, ["NA", "None", " Ann "], "text")[0] == ["NA", "None", "Ann"]


# --- numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", 1234), ("1,234.56", 1234.56), ("1,234,567", 1234567), ("1 234.5", 1234.5),
        ("1\u00a0234.5", 1234.5),
        ("1\u202f234.5", 1234.5), ("1'234.50", 1234.5), ("1’234.50", 1234.5), ("$342.09K", 342090), ("€1.2M", 1.2e6),
        ("(1,234)", -1234), ("($5.5)", -5.5), ("-5", -5), ("5-", -5), ("+5", 5), ("−5", -5), ("1e3", 1000),
        ("$7,450,000.00 ", 7450000), ("USD 12", 12), ("12 EUR", 12), ("-$5", -5), ("$-5", -5), ("US$5", 5), (".5", 0.5),
        ("5.", 5), ("1.5 Md€", 1.5e9), ("3bn", 3e9),
    ],
)  # fmt: skip
def test_numbers_with_a_decimal_point_are_read_as_written(
    con: duckdb.DuckDBPyConnection, text: str, number: float
) -> None:
    assert read(con, [text, "0.5"], "money")[0] == [number, 0.5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56 €", 1234.56), ("1 234,56", 1234.56), ("1\u202f234,56\u00a0€", 1234.56), ("1.234", 1234),
        ("12,5", 12.5),
        ("1'234,50", 1234.5), ("1,2 M€", 1.2e6), ("-12,5", -12.5), (",5", 0.5), ("0,123", 0.123),
        ("1.234.567", 1234567),
    ],
)  # fmt: skip
def test_numbers_with_a_decimal_comma_are_read_as_written(
    con: duckdb.DuckDBPyConnection, text: str, number: float
) -> None:
    found, decision = read(con, [text, "0,5"], "money")
    assert (found, decision.format) == ([number, 0.5], "decimal comma")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=A1",
        "abc",
        "12 %",
        "(5",
        "5)",
        "--5",
        "(-5)",
        "1,23",
        "1,2345",
        "1 23",
        "12 XYZ",
        "1.2.3",
        "Inf",
        "1e999",
        "0x1F",
    ],
)
def test_what_is_no_number_is_null(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert read(con, [text, "0.5"], "money", decimal=".")[0] == [None, 0.5]


def test_points_before_three_decimals_are_read_as_machines_write_them_and_said(con: duckdb.DuckDBPyConnection) -> None:
    for texts in (["1.234", "2.500"], ["1.234", "2.500", "€3.000"]):
        found, decision = read(con, texts, "number")
        assert found[:2] == [1.234, 2.5]
        assert "decimal point (every value has three decimals; say decimal=','" in decision.format


def test_a_leading_zero_proves_that_a_comma_is_decimal(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, ["0,123", "1,234"], "number")[0] == [0.123, 1.234]


def test_commas_before_three_digits_are_thousands(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, ["1,234", "2,500"], "number")[0] == [1234, 2500]


def test_a_column_that_proves_both_decimal_signs_asks(
    con: duckdb.DuckDBPyConnection,
) -> None:
    texts = ["12,5", "1.5", "2.5", "3", "1.234"]
    found, decision = read(con, texts, "number")
    assert found == [None, None, None, 3, None]
    assert "2 values can only have a decimal point and 1 only a decimal comma" in decision.question
    assert read(con, texts, "number", decimal=",")[0] == [12.5, None, None, 3, 1234]
    assert read(con, texts, "number", decimal=".")[0] == [None, 1.5, 2.5, 3, 1.234]


def test_a_column_that_proves_neither_but_holds_both_marks_asks(con: duckdb.DuckDBPyConnection) -> None:
    found, decision = read(con, ["1,234", "2.500", "7"], "number")
    assert found == [None, None, 7]
    assert "Say decimal='.' or decimal=','" in decision.question


def test_the_answer_holds_even_where_every_cell_could_be_cast(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, ["1.234", "2.500"], "number", decimal=",")[0] == [1234, 2500]


def test_a_clean_column_is_read_by_the_cast_alone(con: duckdb.DuckDBPyConnection) -> None:
    assert read(con, ["1.5", "2", None, ""], "number")[1].sql == 'TRY_CAST("c" AS DOUBLE)'
    assert read(con, ["2026-01-31", None, "N/A"], "date")[1].sql == 'TRY_CAST("c" AS DATE)'


@pytest.mark.slow
@given(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.sampled_from(["en_US", "en_GB", "fr_FR", "de_DE", "de_CH", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL"]),
    st.sampled_from(["EUR", "USD", "GBP", "CHF", None]),
)
def test_amounts_come_back_as_each_country_writes_them(number: Any, locale: str, code: str | None) -> None:
    pattern = "#,##0.00"
    text = format_currency(number, code, locale=locale) if code else format_decimal(number, pattern, locale=locale)
    mark = format_decimal(0.5, locale=locale)[1]
    with duckdb.connect() as connection:
        assert one(connection, text, "money", decimal=mark) == float(number)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["12", "12.0", "1,234", "12.5", "x"], [12, 12, 1234, None, None]),
        (["12", "-3", "12.5"], [12, -3, None]),
        (["123456789012345678", "1"], [123456789012345678, 1]),
        (["123456789012345678", "1,234"], [123456789012345678, 1234]),
    ],
)
def test_whole_numbers_are_whole_and_exact(con: duckdb.DuckDBPyConnection, texts: list, found: list) -> None:
    assert read(con, texts, "whole")[0] == found


# --- shares


@pytest.mark.parametrize(
    ("texts", "found", "said"),
    [
        (["12.5 %", "100%", "0 %"], [0.125, 1, 0], "decimal point"),
        (["12,5 %", "3%"], [0.125, 0.03], "decimal comma"),
        (["12.5", "30", "100"], [0.125, 0.3, 1], "0 to 100, divided by 100"),
        (["12,5", "30"], [0.125, 0.3], "decimal comma; 0 to 100, divided by 100"),
        (["0.1", "0.5", "1"], [0.1, 0.5, 1], ""),
        (["150", "50"], [150, 50], ""),
        (["-5", "50"], [-5, 50], ""),
        (["10 %", "50"], [0.1, 0.5], "0 to 100, divided by 100"),
        (["10 %", "0.5"], [0.1, 0.5], "decimal point"),
    ],
)
def test_shares_become_fractions(con: duckdb.DuckDBPyConnection, texts: list, found: list, said: str) -> None:
    result, decision = read(con, texts, "share")
    assert result == pytest.approx(found)
    assert decision.format == said


# --- currencies


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["€ 5", "6", "7 EUR"], "EUR"), (["$5", "€5"], "mixed"), (["5", "6.5"], None), (["CHF 5", "Fr.6"], "CHF"),
        (["R$ 5"], "BRL"), (["¥500"], "JPY"), (["usd 5"], "USD"), (["£5", "N/A"], "GBP"), (["EUR stuff"], None),
        ([None], None), (["5 $US"], "USD"),
    ],
)  # fmt: skip
def test_the_currency_is_what_all_signs_of_a_column_say(
    con: duckdb.DuckDBPyConnection, texts: list, code: str | None
) -> None:
    read(con, texts, "money")
    assert values.currency(con, "s1", "c") == code


# --- dates and times


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-23T13:26:08.000+0000", "2024-01-23 13:26:08"),
        ("2024-01-31T23:30:00-05:00", "2024-02-01 04:30:00"),
        ("2024-01-31 10:00:00+02", "2024-01-31 08:00:00"),
        ("2024-01-31T10:00:00Z", "2024-01-31 10:00:00"),
        ("2024-01-31 10:00:00.123456", "2024-01-31 10:00:00.123456"),
        ("2020-12-30 3:15:52", "2020-12-30 03:15:52"),
        ("20240131", "2024-01-31 00:00:00"),
        ("2026/01/31", "2026-01-31 00:00:00"),
        ("02/23/26", "2026-02-23 00:00:00"),
        ("02/24/26 02:18 AM", "2026-02-24 02:18:00"),
        ("12/31/2025 12:05 PM", "2025-12-31 12:05:00"),
        ("12/31/2025 12:05 am", "2025-12-31 00:05:00"),
        ("12/31/85 1:05:09 p.m.", "1985-12-31 13:05:09"),
        ("1/31/2026", "2026-01-31 00:00:00"),
        ("31/01/2026", "2026-01-31 00:00:00"),
        ("31-01-2026 23:59", "2026-01-31 23:59:00"),
        ("31.01.2026", "2026-01-31 00:00:00"),
        ("03.04.2026", "2026-04-03 00:00:00"),
        ("31-Jan-2026", "2026-01-31 00:00:00"),
        ("31-Jan-70", "1970-01-31 00:00:00"),
        ("31 Jan 69", "2069-01-31 00:00:00"),
        ("Jan 31, 2026", "2026-01-31 00:00:00"),
        ("January 31st 2026, 10:15", "2026-01-31 10:15:00"),
        ("31 janvier 2026", "2026-01-31 00:00:00"),
        ("1er févr. 2026", "2026-02-01 00:00:00"),
        ("samedi 31 janvier 2026", "2026-01-31 00:00:00"),
        ("1 août 2026", "2026-08-01 00:00:00"),
        ("3 déc. 2026 08:05", "2026-12-03 08:05:00"),
        ("Wed, 31 Dec 2025 10:00:00 GMT", "2025-12-31 10:00:00"),
        ("45321", "2024-01-30 00:00:00"),
        ("45321.5", "2024-01-30 12:00:00"),
        (" 2026-01-31 ", "2026-01-31 00:00:00"),
        ("31/01/2026 10:00 +0100", "2026-01-31 09:00:00"),
    ],
)
def test_each_style_of_date_is_read_alone_and_among_others(
    con: duckdb.DuckDBPyConnection, text: str, moment: str
) -> None:
    expected = datetime.datetime.fromisoformat(moment)
    assert one(con, text, "time") == expected
    assert one(con, text, "date") == expected.date()
    assert read(con, ["2024-02-29T13:26:08.000+0000", text, "28 févr. 99 1:00 PM"], "time")[0] == [
        datetime.datetime(2024, 2, 29, 13, 26, 8), expected, datetime.datetime(1999, 2, 28, 13)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "30/02/2026", "Feb 30, 2026", "20260230", "1899-12-31", "2101-01-01", "infinity", "epoch",
        "19999",
        "80001", "hello", "=TODAY()", "12:30", "2026-01", "31 fooember 2026", "2026-01-31 25:00", "2024-01-31x",
    ],
)  # fmt: skip
def test_what_is_no_day_between_1900_and_2100_is_null(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert one(con, text, "date" if ":" not in text else "time") is None
    assert read(con, [text, "2026-01-31"], "time")[0] == [None, datetime.datetime(2026, 1, 31)]
    assert read(con, [text, "31.01.2026"], "time")[0] == [None, datetime.datetime(2026, 1, 31)]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_one_day_above_twelve_decides_the_whole_column(con: duckdb.DuckDBPyConnection) -> None:
    found, decision = read(con, ["31/01/2026", "03/04/2026"], "date")
    assert (found, decision.format) == ([day("2026-01-31"), day("2026-04-03")], "day first")
    found, decision = read(con, ["01/31/2026", "03/04/2026"], "date")
    assert (found, decision.format) == ([day("2026-01-31"), day("2026-03-04")], "month first")


def test_a_column_without_proof_asks_and_leaves_its_ambiguous_days_null(con: duckdb.DuckDBPyConnection) -> None:
    texts = ["03/04/2026", "05/06/2026", "3/3/2026", "2026-01-31"]
    found, decision = read(con, texts, "date")
    assert found == [None, None, day("2026-03-03"), day("2026-01-31")]
    assert "2 dates such as 03/04/2026 may be day first or month first, and no row shows which" in decision.question
    found, decision = read(con, texts, "date", order="dmy")
    assert (found[:2], decision.question) == ([day("2026-04-03"), day("2026-06-05")], "")
    assert read(con, texts, "date", order="mdy")[0][:2] == [day("2026-03-04"), day("2026-05-06")]


def test_a_column_that_contradicts_itself_asks_with_both_counts(con: duckdb.DuckDBPyConnection) -> None:
    texts = ["03/04/2026", "31/01/2026", "30/01/2026", "01/31/2026", "2026-01-01"]
    found, decision = read(con, texts, "date")
    assert found == [None, None, None, None, day("2026-01-01")]
    assert "2 dates can only be day first and 1 only month first" in decision.question
    found, decision = read(con, texts, "date", order="dmy")
    assert found == [day("2026-04-03"), day("2026-01-31"), day("2026-01-30"), None, day("2026-01-01")]
    assert decision.question == ""


def test_an_impossible_date_proves_no_order(con: duckdb.DuckDBPyConnection) -> None:
    found, decision = read(con, ["45/01/2026", "12/45/2026", "31/13/2026", "01/31/2026", "03/04/2026"], "date")
    assert (found, decision.question) == ([None, None, None, day("2026-01-31"), day("2026-03-04")], "")


def test_the_date_of_a_time_with_an_offset_is_its_day_in_utc(con: duckdb.DuckDBPyConnection) -> None:
    found, decision = read(con, ["2024-01-31T23:30:00-05:00"], "date")
    assert (found, decision.format) == ([day("2024-02-01")], "times with an offset, as UTC")


def test_what_was_found_is_said_in_words(con: duckdb.DuckDBPyConnection) -> None:
    decision = read(con, ["02/23/26", "31.01.2026", "Jan 31, 2026", "45321"], "date")[1]
    assert decision.format == (
        "month first; day first with points; month names; Excel day numbers; "
        "two-digit years: 70 to 99 are in the 1900s, the others in the 2000s"
    )


def test_every_month_of_every_language_has_one_number() -> None:
    names: dict[str, set[int]] = {}
    for number in range(1, 13):
        for language in ("en", "fr", "de", "es", "it", "nl", "pt"):
            for width in ("MMMM", "MMM"):
                text = format_date(datetime.date(2026, number, 1), f"d {width} y", locale=language)
                names.setdefault(text.removeprefix("1 ").removesuffix(" 2026"), set()).add(number)
    assert {name: n for name, n in names.items() if len(n) > 1} == {}
    assert set(MONTHS.values()) == set(range(1, 13))


@pytest.mark.slow
@given(
    st.dates(datetime.date(1970, 1, 1), datetime.date(2069, 12, 31)),
    st.sampled_from(["en_US", "en_GB", "fr_FR", "de_DE", "it_IT", "nl_NL"]),
    st.sampled_from(["short", "medium", "long"]),
)
def test_days_come_back_as_each_country_writes_them(date: datetime.date, locale: str, width: str) -> None:
    text = format_date(date, width, locale=locale)
    with duckdb.connect() as connection:
        assert one(connection, text, "date", order="mdy" if locale == "en_US" else "dmy") == date


@pytest.mark.slow
@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 12, 31)), st.integers(-14 * 60, 14 * 60))
def test_times_with_any_offset_come_back_in_utc(moment: datetime.datetime, minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    local = moment.replace(tzinfo=datetime.UTC).astimezone(zone)
    with duckdb.connect() as connection:
        assert one(connection, local.isoformat(), "time") == moment
        assert read(connection, [local.isoformat(), "31.01.2026"], "time")[0][0] == moment


# --- columns that have a type already


@pytest.mark.parametrize(
    ("sql", "type", "found"),
    [
        ("DATE '2026-01-31'", "date", day("2026-01-31")),
        ("TIMESTAMP '2026-01-31 10:00:00'", "date", day("2026-01-31")),
        ("TIMESTAMPTZ '2026-01-31 23:00:00-05'", "time", datetime.datetime(2026, 2, 1, 4)),
        ("DATE '1850-01-31'", "date", None),
        ("12.5::DOUBLE", "money", 12.5),
        ("12.50::DECIMAL(9, 2)", "number", 12.5),
        ("'NaN'::DOUBLE", "number", None),
        ("12::BIGINT", "whole", 12),
        ("12.5::DOUBLE", "whole", None),
        ("12.0::DOUBLE", "text", "12"),
        ("12.5::DOUBLE", "text", "12.5"),
        ("12::BIGINT", "text", "12"),
        ("45321::BIGINT", "date", day("2024-01-30")),
        ("20240131::BIGINT", "date", day("2024-01-31")),
        ("63.15::DOUBLE", "share", 0.6315),
        ("'12,5'::ENUM('12,5')", "number", 12.5),
        ("true", "whole", 1),
        ("DATE '2026-01-31'", "money", None),
    ],
)
def test_a_typed_column_keeps_its_meaning(con: duckdb.DuckDBPyConnection, sql: str, type: Type, found: Any) -> None:
    con.execute("SET TimeZone = 'America/New_York'")
    con.execute(f"CREATE TABLE s1 AS SELECT {sql} AS c")
    assert column(con, type)[0] == [found]


def test_a_missing_number_of_a_frame_is_blank(con: duckdb.DuckDBPyConnection) -> None:
    files.stage_frame(con, pandas.DataFrame({"c": [1.0, float("nan")]}), "s1", "frame")
    decision = values.decide(con, "s1", "c", "text")
    assert con.execute(f"SELECT {decision.sql}, {decision.blank} FROM s1").fetchall() == [("1", False), (None, True)]


# --- reasons and refusals


@pytest.mark.parametrize(
    ("text", "type", "reason"),
    [
        ("=A1", "money", "a formula, not a value"),
        (" =A1", "date", "a formula, not a value"),
        ("abc", "money", "not a number"),
        ("12,5", "money", "not a number"),
        ("1,234", "money", "ambiguous number"),
        ("12.5", "whole", "not a whole number"),
        ("abc", "whole", "not a number"),
        ("03/04/2026", "date", "ambiguous date"),
        ("31/01/2026", "date", "not a date"),
        ("2026-02-30", "time", "not a date"),
    ],
)
def test_a_refused_cell_is_told_why(text: str, type: Type, reason: str) -> None:
    assert values.why(text, type) == reason


def test_unknown_columns_and_answers_are_refused_with_what_exists(con: duckdb.DuckDBPyConnection) -> None:
    con.execute('CREATE TABLE s1 ("Close Date" VARCHAR)')
    with pytest.raises(UnknownName, match=r"No column of 's1' is called 'Close date'\. Did you mean 'Close Date'"):
        values.decide(con, "s1", "Close date", "date")
    with pytest.raises(BadInput, match=r"order='ymd' is unknown\. Say order='dmy' or order='mdy'"):
        values.decide(con, "s1", "Close Date", "date", order="ymd")
    with pytest.raises(BadInput, match=r"decimal='point' is unknown\. Say decimal=',' or decimal='\.'"):
        values.decide(con, "s1", "Close Date", "number", decimal="point")


def test_names_with_quotes_are_only_names(con: duckdb.DuckDBPyConnection) -> None:
    con.execute('CREATE TABLE s1 ("a""; DROP TABLE s1; --\'" VARCHAR)')
    con.execute("INSERT INTO s1 VALUES ('31/01/2026'), ('03/04/2026')")
    for type in ("text", "date", "time", "whole", "number", "money", "share"):
        decision = values.decide(con, "s1", "a\"; DROP TABLE s1; --'", type)  # type: ignore[arg-type]
        assert len(con.execute(f"SELECT {decision.sql}, {decision.blank} FROM s1").fetchall()) == 2


def test_the_engine_and_python_agree_on_what_a_number_is(con: duckdb.DuckDBPyConnection) -> None:
    texts = ["1,234.5", "€ 5", "(5)", "5 %", "x5", "5 kg", "1 234", "12 EUR", "1e5"]
    query = f"SELECT regexp_matches(?, {numerals._literal(numerals._SHELL)})"
    engine = [(con.execute(query, [text]).fetchone() or (None,))[0] for text in texts]
    assert engine == [re.match(numerals._SHELL, text) is not None for text in texts]


# --- real exports


def test_salesforce_developer_dates_are_month_first(con: duckdb.DuckDBPyConnection, shared_data: Any) -> None:
    files.stage(con, shared_data / "salesforce_powerbi" / "OpportunityHistory.csv", "s1")
    created, closed = (values.decide(con, "s1", name, "time") for name in ("CreatedDate", "CloseDate"))
    assert "month first" in created.format
    assert (created.question, closed.question) == ("", "")
    assert con.execute(f"SELECT count({created.sql}), count({closed.sql}), min({created.sql}) FROM s1").fetchone() == (
        48, 48, datetime.datetime(2026, 2, 23, 20, 55),
    )  # fmt: skip


def test_salesforce_amounts_and_times_give_the_known_totals(con: duckdb.DuckDBPyConnection, shared_data: Any) -> None:
    files.stage(con, shared_data / "salesforce_sdo" / "Opportunity.csv", "s1")
    amount, chance, made = (
        values.decide(con, "s1", name, type).sql
        for name, type in (("Amount", "money"), ("Probability", "share"), ("CreatedDate", "time"))
    )
    total, weighted, times = con.execute(
        f"SELECT sum({amount}), sum({amount} * {chance}) FILTER (coalesce(\"IsClosed\", '') <> '1'), count({made}) "
        "FROM s1"
    ).fetchone() or (0, 0, 0)
    assert total == pytest.approx(43_603_545.98)
    assert weighted == pytest.approx(926_749.785)
    assert times == 50


def test_blank_charges_are_blank_and_the_others_sum_up(con: duckdb.DuckDBPyConnection, shared_data: Any) -> None:
    files.stage(con, shared_data / "telco_churn" / "Telco-Customer-Churn.csv", "s1")
    total = values.decide(con, "s1", "TotalCharges", "money")
    monthly = values.decide(con, "s1", "MonthlyCharges", "money")
    blank, parsed, charges = con.execute(
        f"SELECT count(*) FILTER ({total.blank}), count({total.sql}), sum({monthly.sql}) FROM s1"
    ).fetchone() or (0, 0, 0)
    assert (blank, parsed) == (11, 7032)
    assert charges == pytest.approx(456_116.60)


def test_maven_closings_are_summed_as_published(con: duckdb.DuckDBPyConnection, shared_data: Any) -> None:
    files.stage(con, shared_data / "maven_crm" / "sales_pipeline.csv", "s1")
    value = values.decide(con, "s1", "close_value", "money")
    query = f"SELECT sum({value.sql}) FROM s1 WHERE deal_stage = 'Won'"
    assert con.execute(query).fetchone() == (10_005_534,)
