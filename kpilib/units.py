"""How a value is written: in text, on a tile, on an axis and in a table, by unit and locale.

Inside the library a share is a fraction and money a plain number; only here do they become "63.2%" and "€10,005,534".
Numbers, currencies and plurals follow the Unicode CLDR through Babel. Nothing here computes a KPI.
"""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import lru_cache, partial

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol
from babel.units import format_unit

from kpilib import digits
from kpilib.errors import unknown
from kpilib.model.shared import NO_CURRENCY

#: Every unit a KPI may have, and its usual decimals (of per cent, for a share). Money depends on its size.
UNITS: dict[str, int] = {
    "count": 0, "money": 0, "share": 1, "days": 1, "hours": 1, "months": 1, "score": 1, "ratio": 2,
    "money/day": 0,
}  # fmt: skip

#: The units that are said with a word of their own: "12.5 days".
DURATIONS = ("days", "hours", "months")

#: What is shown where nothing was observed.
NOTHING = "–"

# The few words that CLDR does not have; a language that is not here gets the English ones.
_WORDS = {
    "en": {"to": "{} to {}", "per day": "{} per day", "one": "{} point", "other": "{} points"},
    "fr": {"to": "{} à {}", "per day": "{} par jour", "one": "{} point", "other": "{} points"},
}
COMPACT_FROM = 10_000
# A page says some hundred numbers, most of them several times (in a sentence, a table, a chart) and to many readers.
_KEPT = 16_384


def _words(locale: Locale) -> dict[str, str]:
    return _WORDS.get(locale.language, _WORDS["en"])


def _currency(unit: str, currency: str) -> str | None:
    """Return the currency to print, None where there is none, and check the unit on the way."""
    if unit not in UNITS:
        raise unknown("unit", unit, UNITS)
    return currency if unit.startswith("money") and currency not in ("", NO_CURRENCY) else None


def _decimals(value: float, unit: str, currency: str | None) -> int:
    """Choose decimals: cents for small sums only, one decimal for counts that are averages."""
    if unit.startswith("money"):
        cents = get_currency_precision(currency) if currency else 2
        return 0 if abs(value) >= 100 or value == round(value) else cents
    if unit == "share" and 0.9995 <= abs(value) < 0.99995:
        return 2  # all but a few is not all
    return 1 if unit == "count" and value != round(value) else UNITS[unit]


def text(
    value: float | None, unit: str, currency: str = "EUR", locale: str = "en", precision: int | None = None
) -> str:
    """Value with its unit, as a sentence or a table has it.

    Parameters
    ----------
    value : float or None
        Shares as fractions; money in units of its currency.
    unit : str
        One of `UNITS`.
    currency : str
        ISO 4217 code, for money; "XXX" or "" for none.
    locale : str
        Language, with or without a country: "en", "fr", "fr_CH".
    precision : int, optional
        Decimals shown (of per cent, for a share). By default those of `UNITS`; money has cents below 100 only.

    Returns
    -------
    str
        "–" for None and NaN: not observed is not 0.

    Raises
    ------
    UnknownName
        A unit that does not exist.
    BadInput
        A locale that does not exist.

    Examples
    --------
    >>> text(0.6318, "share"), text(10005534, "money"), text(12.5, "days"), text(float("nan"), "share")
    ('63.2%', '€10,005,534', '12.5 days', '–')
    >>> text(1, "share"), text(0.9998, "share")
    ('100.0%', '99.98%')
    >>> text(10005534, "money", currency="XXX"), text(4166.67, "money/day"), text(-3.14159, "score", precision=2)
    ('10,005,534', '€4,167 per day', '−3.14')
    """
    if value is None or math.isnan(value):
        _currency(unit, currency), digits.find(locale)
        return NOTHING
    return _text(value, unit, currency, locale, precision)


@lru_cache(maxsize=_KEPT)
def _text(value: float, unit: str, currency: str, locale: str, precision: int | None) -> str:
    shown_currency, where = _currency(unit, currency), digits.find(locale)
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    decimals = _decimals(value, unit, shown_currency) if precision is None else precision
    if unit == "share":
        return digits.written(digits.usual("percent", locale), digits.rounded(value, decimals + 2), decimals, where)
    number = digits.rounded(value, decimals)
    if unit in DURATIONS:
        return _duration(number, f"duration-{unit.removesuffix('s')}", decimals, where)
    usual = digits.usual("currency" if shown_currency else "decimal", locale)
    written = digits.written(usual, number, decimals, where, shown_currency)
    return _words(where)["per day"].format(written) if unit == "money/day" else written


def _duration(number: Decimal, unit: str, decimals: int, locale: Locale) -> str:
    pattern = "#,##0." + "0" * decimals
    with localcontext(digits.WIDE):
        written = format_unit(number, unit, format=pattern, locale=locale)
        if unit in written:  # no word for it in Babel's data of some languages, Japanese for one
            written = format_unit(number, unit, format=pattern, locale="en")
    return written.replace("-", "−")


def short(value: float | None, unit: str, currency: str = "EUR", locale: str = "en") -> str:
    """Value in the width of a tile: three figures and K, M or B from ten thousand on; else as `text`.

    Parameters
    ----------
    value, unit, currency, locale
        As in `text`, with the same errors.

    Returns
    -------
    str
        "–" for None and NaN.

    Notes
    -----
    Misleads where small changes of large sums matter: the tile stays as it is. Put the `text` in its tooltip.

    Examples
    --------
    >>> short(10005534, "money"), short(999_950, "count"), short(9_876, "count"), short(0.6318, "share")
    ('€10.0M', '1.00M', '9,876', '63.2%')
    """
    shown_currency, where = _currency(unit, currency), digits.find(locale)
    if value is None or not COMPACT_FROM <= abs(value) < math.inf or unit not in ("count", "money", "money/day"):
        return text(value, unit, currency, locale)
    # Round first: 999,950 has three figures as 1.00 million, not as 1,000 thousand.
    number = digits.rounded(value, 2 - Decimal(str(float(value))).adjusted())
    formats = (where.compact_currency_formats if shown_currency else where.compact_decimal_formats)["short"]["other"]
    pattern = formats.get(str(10 ** number.adjusted()))
    # Some languages have no short form of thousands: their pattern is a bare 0.
    if pattern is None or not pattern.pattern.strip("0¤ \xa0"):
        return text(value, unit, currency, locale)
    zeros = pattern.pattern.count("0")
    shown = number.scaleb(zeros - 1 - number.adjusted())
    written = digits.written(pattern.pattern, shown, max(3 - zeros, 0), where, shown_currency)
    return _words(where)["per day"].format(written) if unit == "money/day" else written


def interval_text(
    low: float, high: float, unit: str, currency: str = "EUR", locale: str = "en", precision: int | None = None
) -> str:
    """Both ends of an interval, with the same decimals; "–" if either is unknown. The rest as `text`.

    Examples
    --------
    >>> interval_text(0.2553, 0.3662, "share"), interval_text(95.2, 1204, "money")
    ('25.5% to 36.6%', '€95 to €1,204')
    """
    if math.isnan(low) or math.isnan(high):
        _currency(unit, currency), digits.find(locale)
        return NOTHING
    return _interval(low, high, unit, currency, locale, precision)


@lru_cache(maxsize=_KEPT)
def _interval(low: float, high: float, unit: str, currency: str, locale: str, precision: int | None) -> str:
    shown_currency, where = _currency(unit, currency), digits.find(locale)
    if precision is None:
        ends = [end for end in (low, high) if math.isfinite(end)]
        widest = max(ends, key=abs, default=0.0)
        precision = _decimals(widest, unit, shown_currency)
        if unit == "count":
            precision = max((_decimals(end, unit, None) for end in ends), default=0)
    return _words(where)["to"].format(*(text(end, unit, currency, locale, precision) for end in (low, high)))


def difference_text(
    difference: float | None, unit: str, currency: str = "EUR", locale: str = "en", precision: int | None = None
) -> str:
    """Change of a value, with its sign: of shares in percentage points, else in the unit. The rest as `text`.

    A change that rounds to nothing has no sign.

    Examples
    --------
    >>> difference_text(-0.031, "share"), difference_text(1200, "money"), difference_text(0.0001, "share")
    ('−3.1 points', '+€1,200', '0.0 points')
    """
    shown_currency, where = _currency(unit, currency), digits.find(locale)
    if difference is None or not math.isfinite(difference):
        return text(difference, unit, currency, locale)
    decimals = _decimals(difference, unit, shown_currency) if precision is None else precision
    number = digits.rounded(Decimal(str(float(difference))) * (100 if unit == "share" else 1), decimals)
    sign = "+" if number > 0 else ""
    if unit != "share":
        return sign + text(float(number), unit, currency, locale, decimals)
    plural = "one" if where.plural_form(abs(number)) == "one" else "other"
    return _words(where)[plural].format(sign + digits.written(digits.usual("decimal", locale), number, decimals, where))


def table_format(unit: str, currency: str = "EUR", locale: str = "en") -> Callable[[float], str]:
    """Function that writes a column's values, for `DataFrame.style.format` and `to_html(formatters=…)`; as `text`.

    Examples
    --------
    >>> table_format("share", locale="en")(0.5)
    '50.0%'
    """
    _currency(unit, currency)
    return partial(text, unit=unit, currency=currency, locale=locale)


def d3_format(unit: str, largest: float = 0.0) -> str:
    """Number format of a chart's axis or tooltip, in d3's language (Vega-Lite's `format`).

    Parameters
    ----------
    unit : str
        One of `UNITS`.
    largest : float
        Largest value on an axis: from ten thousand on, counts and money are written 10k, 10M. Leave it out in tooltips.

    Returns
    -------
    str
        Without the currency: d3's "$" is the dollar unless the chart is given `d3_locale`. Name it in the title.

    Raises
    ------
    UnknownName
        A unit that does not exist.

    Examples
    --------
    >>> d3_format("share"), d3_format("money"), d3_format("money", largest=2e6), d3_format("ratio")
    ('.1%', ',.0f', '~s', ',.2f')
    """
    _currency(unit, "")
    if unit == "share":
        return ".1%"
    if unit in ("count", "money", "money/day"):
        return "~s" if abs(largest) >= COMPACT_FROM else ",~f" if unit == "count" else ",.0f"
    return f",.{UNITS[unit]}f"


def d3_locale(locale: str = "en", currency: str = "EUR") -> dict[str, object]:
    """Decimal and thousands signs of a locale, for Vega's `config: {locale: {number: …}}`.

    Examples
    --------
    >>> d3_locale("en")
    {'decimal': '.', 'thousands': ',', 'grouping': [3], 'currency': ['€', '']}
    """
    where = digits.find(locale)
    symbols, money = where.number_symbols["latn"], digits.parsed_as(where.currency_formats["standard"].pattern, 0)
    sign = "" if currency in ("", NO_CURRENCY) else get_currency_symbol(currency, where)
    sides = [side[0].replace("¤", sign) for side in (money.prefix, money.suffix)]
    return {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3], "currency": sides}
