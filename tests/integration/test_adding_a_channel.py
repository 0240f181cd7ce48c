"""A channel is a folder: one that is put there is offered, configured, and sent over."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import call_command
from pytest_django import Settings

from micic_portal.provider_settings import providers_from
from notifications import channels, engine
from notifications.channels import calls, installed
from notifications.models import Delivery
from tests.factories.deliveries import bound_source, freeze_to, make_message, recipients, states
from tests.sinks import Sinks

NAME = "notifications.channels.pigeon"
FILES = {
    "__init__.py": """
        LABEL = "Carrier pigeon"
        ORDER = 90
        """,
    "transport.py": """
        from notifications.channels.ports import Letter, Outcome, Verdict
        from notifications.templates import compile_text

        flown = []

        class Loft:
            can_look_up = False
            resend_in_doubt = frozenset()

            def __init__(self, provider):
                self._colour = provider.option("colour")

            async def send(self, letters):
                flown.extend((self._colour, one.delivery_id, one.payload) for one in letters)
                return [Outcome(Verdict.ACCEPTED, reference="ring-7")] * len(letters)

            async def close(self):
                pass

        class Scribe:
            def __init__(self, text):
                self._text = compile_text(text.subject)

            def fill(self, delivery_id, address, values):
                return Letter(delivery_id, address, self._text(values).encode())

        def open_transport(provider):
            return Loft(provider)

        def compose(text, provider):
            return Scribe(text)

        def check_config(provider):
            return [] if provider.option("colour") else ["PIGEON_LOFT_COLOUR is not set."]
        """,
}


@pytest.fixture
def pigeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "pigeon"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(dedent(content), encoding="utf-8")
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    installed._folders.cache_clear()
    try:
        yield
    finally:
        installed._folders.cache_clear()
        for module in [name for name in sys.modules if name.startswith(NAME)]:
            del sys.modules[module]
        if hasattr(channels, "pigeon"):
            del channels.pigeon


def configure(settings: Settings, **environ: str) -> None:
    settings.CHANNEL_PROVIDERS = providers_from(environ, installed.channel_names())


def test_the_folders_that_are_there_are_the_channels():
    assert installed.channel_names() == ("mail", "sms", "push", "whatsapp", "telegram")


@pytest.mark.django_db(transaction=True)
def test_a_new_folder_is_sent_over(pigeon: None, settings: Settings):
    assert installed.channel_names()[-1] == "pigeon"
    assert installed.channel_choices()[-1] == ("pigeon", "Carrier pigeon")
    assert Delivery(channel="pigeon").get_channel_display() == "Carrier pigeon"
    configure(settings, PIGEON_PROVIDERS="loft", PIGEON_LOFT_COLOUR="grey")
    message = make_message()
    with bound_source():
        assert freeze_to(message, recipients(70), channels=["pigeon"]) == 70
        assert engine.drain() == 70
    assert states(message) == {"accepted": 70}
    rows = Delivery.objects.filter(provider="pigeon.loft", provider_reference="ring-7")
    flown = sys.modules[f"{NAME}.transport"].flown
    assert {row.pk for row in rows} == {delivery_id for _, delivery_id, _ in flown}
    assert {(colour, text) for colour, _, text in flown} == {
        ("grey", b"Flood in Kathmandu"),
        ("grey", "Inundación en Kathmandu".encode()),
        ("grey", "فيضان في Kathmandu".encode()),
    }


@pytest.mark.django_db(transaction=True)
def test_it_does_not_disturb_the_others(pigeon: None, sinks: Sinks, settings: Settings):
    settings.CHANNEL_PROVIDERS = {
        **settings.CHANNEL_PROVIDERS,
        "pigeon": [{"name": "loft", "colour": "grey"}],
    }
    message = make_message()
    with bound_source():
        freeze_to(message, recipients(30), channels=["mail", "sms", "pigeon"])
        engine.drain()
    assert states(message) == {"accepted": 30}
    counts = sinks.counts()
    assert (counts["mail"], counts["sms"]) == (10, 10)


def test_the_operator_is_told_what_it_lacks(pigeon: None, sinks: Sinks, settings: Settings):
    settings.CHANNEL_PROVIDERS = {**settings.CHANNEL_PROVIDERS, "pigeon": [{"name": "loft"}]}
    out = StringIO()
    with pytest.raises(Exception, match="Not every channel can send"):
        call_command("check_channels", stdout=out)
    assert "pigeon.loft: PIGEON_LOFT_COLOUR is not set." in out.getvalue()
    assert "push: off" in out.getvalue()


def test_nobody_calls_back_where_it_has_no_webhooks(pigeon: None):
    assert calls.webhooks_of("pigeon") is None
    assert calls.webhooks_of("whatsapp") is not None


@pytest.mark.django_db(transaction=True)
def test_without_a_provider_it_is_off_and_nobody_is_given_up(pigeon: None, settings: Settings):
    configure(settings)
    message = make_message()
    with bound_source():
        freeze_to(message, recipients(1), channels=["pigeon"])
        engine.drain()
    assert states(message) == {"queued": 1}
    assert f"{NAME}.transport" not in sys.modules
