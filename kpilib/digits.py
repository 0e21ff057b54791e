"""The digits of a number in a language, and the signs between and around them, as the Unicode CLDR has them.

Babel knows the patterns; a number is written by Python's own formatting in the form that Babel's answer shows.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, get_decimal_symbol, get_group_symbol, parse_pattern

from kpilib.errors import BadInput

#: Room for every float's digits; the default context refuses numbers of more than 28.
WIDE = Context(prec=400, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=64)
def find(name: str) -> Locale:
    """The locale of a name: "fr", "fr_CH", "fr-CH"; `BadInput` where there is none."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise BadInput(f"No locale is called {name!r}. Give a language such as 'en', 'fr' or 'fr_CH'.") from error


@lru_cache(maxsize=256)
def parsed_as(text: str, decimals: int) -> NumberPattern:
    """A pattern of the CLDR, with so many decimals in place of its own."""
    pattern = parse_pattern(text)
    pattern.frac_prec = (decimals, decimals)
    return pattern


@lru_cache(maxsize=64)
def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """Round as spreadsheets do, half away from zero (negative decimals: tens, hundreds); nothing has no sign."""
    exact = value if isinstance(value, Decimal) else Decimal(str(float(value)))
    number = WIDE.quantize(exact, _step(decimals))
    return number if number else number.copy_abs()


def written(pattern: str, value: Decimal, decimals: int, locale: Locale, currency: str | None = None) -> str:
    """Write a number with a true minus sign, as the axes have it."""
    form = _form(pattern, decimals, str(locale), currency)
    if form is None:
        return _by_babel(pattern, value, decimals, locale, currency)
    before, after = form.below if value.is_signed() else form.above
    return before + form.digits.format(WIDE.scaleb(value.copy_abs(), form.scale)).translate(form.signs) + after


def _by_babel(pattern: str, value: Decimal, decimals: int, locale: Locale, currency: str | None) -> str:
    with localcontext(WIDE):
        said = parsed_as(pattern, decimals).apply(value, locale, currency=currency, currency_digits=False)
    return said.replace("-", "−")


class _Form(NamedTuple):
    """How Python writes the digits, which signs take the place of its own, what stands around a number ≥ 0 or below."""

    digits: str
    scale: int
    signs: dict[int, str]
    above: tuple[str, str]
    below: tuple[str, str]


@lru_cache(maxsize=1024)
def _form(pattern: str, decimals: int, locale: str, currency: str | None) -> _Form | None:
    """The form of a pattern, read off what Babel writes, which takes three times as long; None where digits differ."""
    parsed, where = parsed_as(pattern, decimals), find(locale)
    digits = f"{{:{',' if parsed.grouping == (3, 3) else ''}.{decimals}f}}"
    signs = {ord(","): get_group_symbol(where), ord("."): get_decimal_symbol(where)}
    around = []
    for number in (Decimal(1234567), Decimal(-1234567)):
        core = digits.format(number.copy_abs()).translate(signs)
        said = _by_babel(pattern, number.scaleb(-parsed.scale), decimals, where, currency)
        before, found, after = said.partition(core)
        if not found:
            return None
        around.append((before, after))
    return _Form(digits, parsed.scale, signs, *around)


@lru_cache(maxsize=256)
def usual(kind: str, locale: str) -> str:
    """The usual pattern of a language's numbers: "decimal", "percent" or "currency"."""
    where = find(locale)
    formats = {"decimal": where.decimal_formats, "percent": where.percent_formats, "currency": where.currency_formats}
    return str(formats[kind]["standard" if kind == "currency" else None].pattern)
