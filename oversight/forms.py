"""What an auditor searches the ledger for, and what was found when an alarm was looked into."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import ActorKind
from audit.purposes import Purpose
from oversight.enums import AlarmOutcome
from oversight.searching import Search
from oversight.words import actions_in_words

_ANY = ("", _("Any"))


class SearchForm(forms.Form):
    """Everything may be left out. The search stands in the address, and names no person."""

    since = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    people_only = forms.BooleanField(
        label=_("Only readings of people"),
        required=False,
        help_text=_("Whoever saw, compared, found or copied people's data."),
    )
    post = forms.ModelChoiceField(
        label=_("Post"), required=False, queryset=Post.objects.none(), empty_label=_("Any")
    )
    role = forms.ChoiceField(label=_("Role"), required=False)
    actor = forms.ModelChoiceField(
        label=_("Officer"), required=False, queryset=User.objects.none(), empty_label=_("Any")
    )
    actor_kind = forms.ChoiceField(label=_("Who acted"), required=False)
    action = forms.ChoiceField(label=_("What was done"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    object_id = forms.CharField(
        label=_("Identifier of an object"),
        required=False,
        max_length=64,
        validators=[RegexValidator(r"^[A-Za-z0-9_.:-]+$", _("An identifier has no spaces."))],
        help_text=_("Of a crisis, a notice, an account. People have none here."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    conditional = (
        "since", "until", "people_only", "post", "role", "actor", "actor_kind", "action", "purpose",
        "object_id",
    )  # fmt: skip
    # What is seen at once; the others are folded away.
    first = ("since", "until", "people_only")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read anew for each page: words in its language, posts and officers as they are now.
        choices: dict[str, list[Any]] = {
            "role": list(Role.choices),
            "actor_kind": list(ActorKind.choices),
            "action": list(actions_in_words()),
            "purpose": list(Purpose.choices),
        }
        for name, values in choices.items():
            self.fields[name].choices = [_ANY, *values]  # type: ignore[attr-defined]
        self.fields["post"].queryset = Post.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["actor"].queryset = User.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first."))
        return given

    @property
    def search(self) -> Search:
        """Of a form that is valid."""
        given = self.cleaned_data
        return Search(
            since=given["since"],
            until=given["until"],
            actor_kind=given["actor_kind"],
            actor=given["actor"].pk if given["actor"] else None,
            post=given["post"].pk if given["post"] else None,
            role=given["role"],
            action=given["action"],
            purpose=given["purpose"],
            people_only=given["people_only"],
            object_id=given["object_id"],
        )

    @property
    def rest(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.first]

    @property
    def rest_is_used(self) -> bool:
        return any(self.data.get(field.name) for field in self.rest)


class HandlingForm(forms.Form):
    """What a data protection officer found."""

    outcome = forms.ChoiceField(
        label=_("What was it?"),
        choices=AlarmOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it was.")},
    )
    finding = forms.CharField(
        label=_("What did you find, and with whom did you speak?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It is encrypted. Name no registered person."),
        error_messages={"required": _("Write what you found.")},
    )
