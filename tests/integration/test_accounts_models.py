"""What the database and the actions demand of posts and users."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts import actions
from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import Actor
from audit.models import Entry
from tests.factories.accounts import PASSWORD, make_officer, make_post, make_user

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def test_the_database_refuses_an_officer_without_a_post():
    with pytest.raises(IntegrityError, match="user_officer_has_post"), transaction.atomic():
        User.objects.create_user(email="a@mfa.example", name="A", role=Role.OFFICER)


def test_the_database_refuses_to_take_an_officers_post_away():
    officer = make_officer()
    with pytest.raises(IntegrityError, match="user_officer_has_post"), transaction.atomic():
        User.objects.filter(pk=officer.pk).update(post=None)


def test_the_database_refuses_a_role_that_does_not_exist():
    with pytest.raises(IntegrityError, match="user_role_is_known"), transaction.atomic():
        User.objects.create_user(email="a@mfa.example", name="A", role="king")


def test_one_address_is_one_user_whatever_its_case():
    make_user(Role.AUDITOR, email="ana@mfa.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email="Ana@MFA.example", name="A", role=Role.AUDITOR)
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"), transaction.atomic():
        User.objects.update(email="Ana@mfa.example")


def test_a_post_is_found_by_the_countries_it_answers_for():
    kathmandu = make_post(name="Kathmandu", jurisdiction=["BT", "NP"])
    make_post(name="Santiago", jurisdiction=["CL"])
    assert list(Post.objects.for_countries(["NP", "IN"])) == [kathmandu]


@pytest.mark.parametrize(
    "wrong", [{"telephone_24h": "911"}, {"country": "np"}, {"jurisdiction": []}]
)
def test_the_database_refuses_a_post_that_cannot_be_reached_or_answers_for_nothing(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_post(**wrong)


def test_creating_a_user_leaves_one_entry_without_name_or_address():
    user = actions.create_officer(
        email="Ana@MFA.example",
        name="Ana Ruiz",
        role=Role.OFFICER,
        post=make_post(),
        password=PASSWORD,
        by=BY,
    )
    entry = Entry.objects.get()
    assert (entry.action, entry.object_id) == ("user.create", str(user.pk))
    assert entry.details == {"role": "officer"}
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "not an address"},
        {"role": "king"},
        {"post": None},
        {"password": "short"},
        {"name": " "},
        {"language": "xx"},
    ],
)
def test_what_a_user_cannot_be_is_refused_and_leaves_nothing(wrong):
    fields = {
        "email": "ana@mfa.example",
        "name": "Ana Ruiz",
        "role": "officer",
        "post": make_post(),
        "password": PASSWORD,
    }
    with pytest.raises(ValidationError):
        actions.create_officer(**{**fields, **wrong}, by=BY)
    assert not User.objects.exists()
    assert not Entry.objects.exists()


def test_the_commands_add_a_post_and_an_officer(monkeypatch, capsys):
    monkeypatch.setenv("OFFICER_PASSWORD", PASSWORD)
    call_command(
        "add_post",
        "Embassy in Kathmandu",
        city="Kathmandu",
        country="np",
        jurisdiction=["NP", "BT"],
        address="1 Palace Road",
        telephone="+977 1 441 1223",
        email="post@mfa.example",
    )
    call_command(
        "add_officer",
        "ana@mfa.example",
        name="Ana Ruiz",
        role="officer",
        post="Embassy in Kathmandu",
    )
    officer = User.objects.get()
    assert officer.post == Post.objects.get()
    assert officer.check_password(PASSWORD)
    assert PASSWORD not in capsys.readouterr().out
    assert set(Entry.objects.values_list("action", flat=True)) == {"post.create", "user.create"}


def test_the_command_says_why_it_refuses(monkeypatch):
    monkeypatch.setenv("OFFICER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="belongs to a post"):
        call_command("add_officer", "ana@mfa.example", name="Ana Ruiz", role="officer")
    with pytest.raises(CommandError, match="0 posts"):
        call_command(
            "add_officer", "ana@mfa.example", name="Ana Ruiz", role="officer", post="Nowhere"
        )
