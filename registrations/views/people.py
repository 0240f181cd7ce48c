"""Who travels along and whom to call at home: two lists, and a page for each of their entries."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from registrations.answers import (
    COMPANION_LIMIT,
    FAMILY_LIMIT,
    Answers,
    CompanionAnswer,
    FamilyAnswer,
)
from registrations.forms import CompanionForm, FamilyForm
from registrations.summary import describe_companions, describe_family
from registrations.views.steps import StepView

Entry = CompanionAnswer | FamilyAnswer


class EnterPeopleView(StepView):
    """Both lists. While nobody at home is named, the form for the first stands here already."""

    step = "people"
    template_name = "registrations/enter_people.html"

    def get_form_class(self) -> type[forms.Form]:
        return forms.Form if self.answers.family else FamilyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.answers.family:
            return kwargs
        return {**kwargs, "key": uuid4().hex, "may_be_empty": True}

    def get_initial(self) -> dict[str, Any]:
        return {"language": self.answers.language}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        named = form.answer if isinstance(form, FamilyForm) else None

        def change(answers: Answers) -> Answers:
            kept = _put(answers, "family", named) if named else answers
            return replace(kept, steps=kept.steps | {"people"})

        self.change(change)
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            companions=describe_companions(self.answers.companions),
            family=describe_family(self.answers.family),
            may_add_companion=len(self.answers.companions) < COMPANION_LIMIT,
            may_add_family=len(self.answers.family) < FAMILY_LIMIT,
            **kwargs,
        )


class EntryView(StepView):
    """One entry of a list: added where there is no key, else changed."""

    step = "people"
    items: ClassVar[str]
    limit: ClassVar[int]
    key = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.key = kwargs["key"].hex if "key" in kwargs else ""
        return super().dispatch(request, *args, **kwargs)

    @property
    def entry(self) -> Entry | None:
        return next((item for item in self._entries if item.key == self.key), None)

    @property
    def _entries(self) -> tuple[Entry, ...]:
        entries: tuple[Entry, ...] = getattr(self.answers, self.items)
        return entries

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.key and self.entry is None:
            raise Http404
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "key": self.key or uuid4().hex}

    def get_initial(self) -> dict[str, Any]:
        if self.key and self.entry:
            return asdict(self.entry)
        return {"language": self.answers.language}

    def form_valid(self, form: CompanionForm | FamilyForm) -> HttpResponse:
        if not self.key and len(self._entries) >= self.limit:
            form.add_error(
                None, _("You can name up to %(limit)s people here.") % {"limit": self.limit}
            )
            return self.form_invalid(form)
        entry = form.answer
        if entry:
            self.change(lambda answers: _put(answers, self.items, entry))
        return redirect("enter_people")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(is_change=bool(self.key), **kwargs)
        return {**context, "back_url": reverse("enter_people")}


class AddCompanionView(EntryView):
    items = "companions"
    limit = COMPANION_LIMIT
    form_class = CompanionForm
    template_name = "registrations/add_companion.html"


class EditCompanionView(AddCompanionView):
    pass


class AddFamilyView(EntryView):
    items = "family"
    limit = FAMILY_LIMIT
    form_class = FamilyForm
    template_name = "registrations/add_family.html"


class EditFamilyView(AddFamilyView):
    pass


class RemoveEntryView(StepView):
    step = "people"
    http_method_names = ["post"]
    items: ClassVar[str]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key: UUID = kwargs["key"]
        self.change(lambda answers: _without(answers, self.items, key.hex))
        return redirect("enter_people")


class RemoveCompanionView(RemoveEntryView):
    items = "companions"


class RemoveFamilyView(RemoveEntryView):
    items = "family"


def _put(answers: Answers, items: str, entry: Entry) -> Answers:
    """Put the entry in the place of the one with its key, else last; sent twice it counts once."""
    entries: tuple[Entry, ...] = getattr(answers, items)
    if any(item.key == entry.key for item in entries):
        kept = tuple(entry if item.key == entry.key else item for item in entries)
    elif any(replace(item, key="") == replace(entry, key="") for item in entries):
        kept = entries
    else:
        kept = (*entries, entry)
    return _with(answers, items, kept)


def _without(answers: Answers, items: str, key: str) -> Answers:
    entries: tuple[Entry, ...] = getattr(answers, items)
    return _with(answers, items, tuple(item for item in entries if item.key != key))


def _with(answers: Answers, items: str, entries: tuple[Entry, ...]) -> Answers:
    changes: dict[str, Any] = {items: entries}
    return replace(answers, **changes)
