"""The public pages of advice: what stands there, in which language, and for whose copy."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories.accounts import make_post
from tests.factories.advice import make_advice

pytestmark = pytest.mark.django_db


def test_a_country_page(client):
    make_post()
    make_advice()
    page = client.get(reverse("read_advice", args=["NP"]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Mountain roads close" in text
    assert 'href="tel:100"' in text
    assert 'href="tel:+97714411223"' in text
    assert "/register/who/?country=NP" in text


def test_the_list(client):
    make_advice()
    page = client.get(reverse("list_advice"))
    assert "Nepal" in page.content.decode()
