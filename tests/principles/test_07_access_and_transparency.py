"""7. Access and transparency.

A person reads all that is kept of them, and which post looked at it, when and why; never which
officer, so that nobody is hunted for doing their work. What is said to be kept is all that is kept.
"""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.urls import reverse

from crises.enums import ReadingReason
from tests.factories.accounts import make_officer, make_post
from tests.factories.crises import make_frozen
from tests.factories.crisis_pages import signed_in
from tests.factories.erasing import plant
from tests.factories.registrations import make_person
from tests.factories.visits import shown, visit_of


@pytest.mark.django_db
def test_a_person_reads_which_post_looked_and_why_and_never_who():
    cache.clear()
    person = make_person()
    notice = make_frozen()
    officer = make_officer(
        name="Officer Quiroga",
        post=make_post(name="Embassy in Kathmandu", jurisdiction=["NP"]),
    )
    desk = signed_in(officer)
    for purpose in ("family", "rights"):
        desk.post(reverse("read_record", args=[person.pk]), {"purpose": purpose})
    reason = {"reason": ReadingReason.values[0]}
    desk.post(reverse("read_person", args=[notice.crisis_id, person.pk]), reason)
    page = shown(visit_of(person), "read_access_log")
    assert page.count("Embassy in Kathmandu") == 3
    for why in ("telling the family", "erasure asked for by the person", "assisting people in a"):
        assert why in page
    copy = visit_of(person).get(reverse("download_data")).content.decode()
    assert "Embassy in Kathmandu" in copy
    for secret in ("Quiroga", officer.email, str(officer.pk)):
        assert secret not in page
        assert secret not in copy


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["download_data", "download_page"])
def test_the_copy_says_all_that_is_kept(name: str):
    """Somebody of whom every table knows something: each value that leads to them is in it."""
    planted = plant(ask_for_help=True)
    response = visit_of(planted.person).get(reverse(name))
    copy = response.content.decode()
    kept = planted.needles.values
    assert len(kept) > 10
    assert sorted(value for value in kept if value not in copy) == []
    for said in ("Quirina here", "Roof of the school", "Insulin twice a day", "Oaxaca"):
        assert said in copy
    if name == "download_data":
        assert {"person", "stays", "consents", "access_log"} <= set(json.loads(copy))
