"""One crisis in Nepal with everything that hangs on it, and everybody who may come to a door."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User, UserSession
from audit.actors import Actor
from crises import actions as crisis_actions
from crises.alert_files import read_alert
from crises.models import Submission
from crises.proofs import PURPOSE as PROOF
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.links import token_for
from notifications.models import Delivery
from notifications.templates import TextOf
from registrations.actions import merge_people, part_people, report_person
from registrations.answers import CompanionAnswer, ContactAnswer
from registrations.enums import Source
from registrations.family import FAMILY
from registrations.groups.links import token_of as group_token
from registrations.invitations import INVITATION
from registrations.models import Person
from registrations.reminders import REMINDER
from tests.factories import crisis_forms, journey
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.advice import make_advice
from tests.factories.crises import make_crisis, make_frozen, token_of
from tests.factories.crisis_pages import ALERTS, signed_in
from tests.factories.groups import csv_of, make_group
from tests.factories.likenesses import alike
from tests.factories.oversight import make_alarm, make_entry
from tests.factories.partners import make_agency, make_token
from tests.factories.registrations import make_person, make_places, pin_stay
from tests.factories.replies import make_reply
from tests.factories.uploads import checked
from tests.factories.visits import visit_of

TOKEN = "an-agency's-token"


def make_world() -> tuple[dict[str, Client], dict[str, Any]]:
    """The callers by column of the table, and the objects as Route.address() looks for them.

    The traveller is registered and signed in, and has proved an organiser's address too.
    """
    make_places()
    right = make_officer()
    wrong = make_officer(
        post=make_post(
            name="Embassy in Santiago", city="Santiago", country="CL", jurisdiction=["CL"]
        )
    )
    make_advice("NP", written_by=right)
    make_advice("NP", written_by=right, version=2, state="draft")
    traveller = make_person(
        consents=frozenset({"crisis_contact", "advice"}),
        companions=(CompanionAnswer("Leo", True, "guardian", dt.date(2019, 5, 4)),),
    )
    visit = visit_of(traveller)
    objects = _crisis(right, traveller) | _people(right, traveller) | _group(visit)
    at_desk = signed_in(right)
    at_desk.get(reverse("show_account"))
    objects |= _account(right)
    objects |= {"<alarm_id>": make_alarm(right).pk, "<entry_id>": make_entry(right).pk}
    agency, _secret = make_agency()
    expires = timezone.now() + dt.timedelta(hours=1)
    make_token(agency, TOKEN, scopes="crises:read", expires_at=expires)
    callers = {
        "anonymous": Client(),
        "traveller": visit,
        "wrong post": signed_in(wrong),
        "right post": at_desk,
        "coordinator": signed_in(make_coordinator()),
        "data protection officer": signed_in(make_user(Role.DATA_PROTECTION_OFFICER)),
        "auditor": signed_in(make_user(Role.AUDITOR)),
        "operator": signed_in(make_user(Role.OPERATOR)),
        "agency": Client(headers={"Authorization": f"Bearer {TOKEN}"}),
    }
    return callers, objects


def _crisis(right: User, traveller: Person) -> dict[str, Any]:
    notice = make_frozen(make_crisis(right))
    crisis = notice.crisis
    alert = read_alert((ALERTS / "ph.cap").read_bytes())
    imported = crisis_actions.import_alert(alert=alert, by=right)
    draft = crisis_actions.start_draft(by=right, crisis=crisis)
    crisis_forms.register(Client(), crisis)
    proof = Delivery.objects.filter(message__purpose=PROOF).latest("created_at")
    answer = token_of(notice, traveller)
    return {
        "crises/<pk>": crisis.pk,
        "crisis/<pk>": crisis.pk,
        "api/v1/crises/<pk>": crisis.pk,
        "<submission>": Submission.objects.get(crisis=crisis).pk,
        "areas/<pk>": notice.area_id,
        "crises/import/<pk>": imported.pk,
        "crises/area/<pk>": draft.pk,
        "crises/import/file/<pk>": imported.file,
        "<reply_id>": make_reply(crisis).pk,
        "notices/<pk>": notice.pk,
        "a/<token>": answer,
        "a/stop/<token>": answer,
        "p/<token>": token_for(proof.pk),
    }


def _people(right: User, traveller: Person) -> dict[str, Any]:
    (first, second), (kept, absorbed), (one, other) = alike(), alike(), alike()
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=right)
    verdict = part_people(first_id=one.pk, second_id=other.pk, by=right)
    stay, family = traveller.stays.get(), traveller.family_contacts.get()
    mine = "register/mine"
    return {
        "<first>": first.pk,
        "<second>": second.pk,
        "staff/duplicates/merges/<pk>": merge.pk,
        "staff/duplicates/verdicts/<pk>": verdict.pk,
        "<person_id>": traveller.pk,
        "staff/people/<pk>": traveller.pk,
        f"{mine}/stays/<stay_id>": stay.pk,
        f"{mine}/contacts/<contact_id>": traveller.contact_points.get().pk,
        f"{mine}/companions/<companion_id>": traveller.companions.get().pk,
        f"{mine}/family/<contact_id>": family.pk,
        "still/<token>": _token(REMINDER, stay.pk, traveller),
        "stop/<token>": _token(REMINDER, stay.pk, traveller),
        "listed/<token>": _token(FAMILY, family.pk, traveller),
    }


def _group(organiser: Client) -> dict[str, Any]:
    group = make_group()
    reported = report_person(
        source=Source.GROUP,
        name="Sol",
        language="es",
        contacts=[ContactAnswer("mail", "sol@example.org")],
        stays=[pin_stay()],
        by=Actor.system("tests"),
        group=group,
    )
    prove_organiser(organiser)
    upload = checked(organiser, group, csv_of([["Sol", "sol@example.org"], ["Mar", "no address"]]))
    return {
        "groups/<pk>": group.pk,
        "<upload>": upload.pk,
        "g/<token>": group_token(group),
        "i/<token>": _token(INVITATION, reported.contact_points.get().pk, reported),
    }


def _account(right: User) -> dict[str, Any]:
    # Somebody else's: nobody may touch it.
    passkey = Authenticator.objects.create(
        user=make_officer(),
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "A key", "credential": {}},
    )
    return {
        "accounts/2fa/passkeys/<pk>": passkey.pk,
        "<session_id>": UserSession.objects.get(user=right).pk,
    }


def prove_organiser(client: Client) -> None:
    cache.clear()
    client.post(reverse("manage_groups"), {"mail": "marta@example.org"})
    client.post(reverse("confirm_organiser"), {"code": journey.newest_code()})


def _token(purpose: str, recipient_id: UUID, person: Person) -> str:
    delivery = queue_one(
        purpose=purpose,
        lane=Lane.ADVICE,
        recipient_id=recipient_id,
        subject_id=person.pk,
        channel="mail",
        language="es",
        texts=[TextOf("es", "s", "{link}")],
        expires_at=timezone.now() + dt.timedelta(days=1),
    ).deliveries.get()
    return token_for(delivery.pk)
