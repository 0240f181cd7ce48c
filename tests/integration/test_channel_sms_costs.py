"""What text messages cost: by prices that the operator has loaded, and by nothing else."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from notifications.channels.sms.costs import PriceFileError, cost_of, read_prices
from notifications.channels.sms.models import SmsPrice

pytestmark = pytest.mark.django_db
FILE = b"country,price,currency\nNP,0.0817,EUR\nmx,0.05,eur\n"


def load(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(data)
    call_command("load_sms_costs", path, stdout=StringIO(), stderr=StringIO())


def test_without_prices_nothing_is_said():
    assert cost_of({"NP": 100}) is None


def test_prices_are_loaded_and_summed(tmp_path: Path):
    load(tmp_path, FILE)
    cost = cost_of({"NP": 100, "MX": 10, "CL": 5})
    assert cost is not None
    assert (cost.amount, cost.currency) == (Decimal("8.67"), "EUR")
    assert cost.unpriced == {"CL": 5}
    assert cost_of({"CL": 5}) is None
    assert Entry.objects.get(action="sms_price.load").details == {
        "countries": 2,
        "currency": "EUR",
    }


def test_a_file_replaces_all_prices(tmp_path: Path):
    load(tmp_path, FILE)
    load(tmp_path, b"\xef\xbb\xbfcurrency;country;price\nUSD;CL;0,0412\n")
    assert [str(one) for one in SmsPrice.objects.all()] == ["CL: 0.04120 USD"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"country,price\nNP,1\n",
        b"country,price,currency\n",
        b"country,price,currency\nNepal,1,EUR\n",
        b"country,price,currency\nNP,1,EUR\nNP,2,EUR\n",
        b"country,price,currency\nNP,1,EUR\nMX,2,USD\n",
        b"country,price,currency\nNP,-1,EUR\n",
        b"country,price,currency\nNP,nan,EUR\n",
        b"country,price,currency\nNP,1e3,EUR\n",
        b"country,price,currency\nNP,0.000001,EUR\n",
        b"country,price,currency\nNP,99999,EUR\n",
        b"country,price,currency\nNP,1,Euro\n",
        b"country,price,currency\nNP,1,EUR,more\n",
        b"country,price,currency\nNP,1\n",
        b"\xff\xfe",
        b"country,price,currency\n" + b"NP,1,EUR\n" * 200_000,
    ],
)
def test_a_file_with_a_mistake_changes_nothing(tmp_path: Path, data: bytes):
    load(tmp_path, FILE)
    with pytest.raises(PriceFileError):
        read_prices(data)
    with pytest.raises(CommandError):
        load(tmp_path, data)
    assert SmsPrice.objects.count() == 2


def test_every_mistake_is_named():
    with pytest.raises(PriceFileError) as found:
        read_prices(b"country,price,currency\nXX,1,EUR\nNP,a,EUR\n")
    assert found.value.wrong == [
        "Line 2: country is not an ISO 3166 code of two letters.",
        "Line 3: price is not a number from 0 to 9999.99999 with at most five decimals.",
    ]


def test_what_is_loaded_can_be_listed(tmp_path: Path):
    load(tmp_path, FILE)
    out = StringIO()
    call_command("load_sms_costs", stdout=out)
    assert out.getvalue().splitlines()[0].startswith("MX: 0.05000 EUR. Loaded 20")
