"""What text messages cost, by the prices that the operator has loaded; no price is ever guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from geography.countries import is_country
from notifications.channels.sms.models import SmsPrice

COLUMNS = ("country", "price", "currency")
MAX_BYTES = 1_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")
_DEAREST = Decimal(10_000)
_PLACES = 5


class PriceFileError(Exception):
    """The file is not believed, for the reasons in `wrong`, a sentence each."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("\n".join(wrong))
        self.wrong = wrong


@dataclass(slots=True, frozen=True)
class Cost:
    """What parts cost whose price is known. `unpriced` are the parts by country without one."""

    amount: Decimal
    currency: str
    unpriced: Mapping[str, float]


def cost_of(parts: Mapping[str, float]) -> Cost | None:
    """The cost of so many parts to numbers of each country; None where no prices are loaded, or
    none of these countries has one."""
    prices = {one.country: one for one in SmsPrice.objects.filter(country__in=list(parts))}
    if not prices:
        return None
    amount = sum(
        (prices[country].price * Decimal(number) for country, number in parts.items()
         if country in prices),
        Decimal(0),
    )  # fmt: skip
    unpriced = {country: number for country, number in parts.items() if country not in prices}
    return Cost(amount, next(iter(prices.values())).currency, unpriced)


def read_prices(data: bytes) -> list[SmsPrice]:
    """Every line of a CSV file with the columns country, price and currency, unsaved. Raises
    PriceFileError with all that is wrong. All prices are in one currency, or no sum has a sense."""
    if len(data) > MAX_BYTES:
        raise PriceFileError(["The file is larger than 1 MB."])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PriceFileError(["This is not UTF-8 text."]) from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    if sorted(reader.fieldnames or ()) != sorted(COLUMNS):
        raise PriceFileError([f"The first line is not: {delimiter.join(COLUMNS)}"])
    found: dict[str, SmsPrice] = {}
    wrong: list[str] = []
    try:
        for row in reader:
            country, currency = (row[name].strip().upper() for name in ("country", "currency"))
            price = _price(row["price"])
            problems = list(_problems(row, price, country, currency))
            if country in found:
                problems.append("this country stands twice.")
            wrong += [f"Line {reader.line_num}: {one}" for one in problems]
            found[country] = SmsPrice(country=country, price=price or 0, currency=currency)
    except csv.Error:
        raise PriceFileError([f"Line {reader.line_num}: this is not CSV."]) from None
    if len({one.currency for one in found.values()}) > 1:
        wrong.append("All prices must be in one currency.")
    if wrong or not found:
        raise PriceFileError(wrong or ["The file holds no price."])
    return list(found.values())


def _price(text: str) -> Decimal | None:
    """A plain decimal number, with a point or a comma; None when it is none."""
    try:
        price = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    exponent = price.as_tuple().exponent
    is_plain = isinstance(exponent, int) and -_PLACES <= exponent <= 0
    return price if is_plain and 0 <= price < _DEAREST else None


def _problems(
    row: Mapping[str | None, object], price: Decimal | None, country: str, currency: str
) -> Iterator[str]:
    if None in row:
        yield "more values than columns."
    if not is_country(country):
        yield "country is not an ISO 3166 code of two letters."
    if price is None:
        yield "price is not a number from 0 to 9999.99999 with at most five decimals."
    if not _CURRENCY.fullmatch(currency):
        yield "currency is not an ISO 4217 code of three letters."
