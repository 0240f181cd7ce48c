"""The officers' pages: whose page is due, writing the next version, and publishing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import rules
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from accounts.models import Post, User
from accounts.rules import COORDINATE
from advisories import actions
from advisories.content import TEXT_FIELDS, digest_of
from advisories.enums import Level
from advisories.forms import REVIEW_DAYS, AdviceForm, AdviceTextForm, ReviewDateForm
from advisories.models import Advice
from advisories.reading import direction_of, local_name
from advisories.reviewing import changes_between, previews_of
from advisories.rules import PUBLISH_ADVICE, WRITE_ADVICE
from geography.countries import country_choices, country_name, is_country


class CountryPageMixin(OfficerRequiredMixin):
    """A page about one country; outside the user's jurisdiction there is none."""

    kwargs: dict[str, Any]
    request: HttpRequest

    @property
    def officer(self) -> User:
        return signed_in_user(self.request)

    @cached_property
    def country(self) -> str:
        code: str = self.kwargs["country"]
        if not is_country(code) or not rules.has_perm(WRITE_ADVICE, self.officer, code):
            raise Http404
        return code

    @cached_property
    def draft(self) -> Advice | None:
        return self._versions().drafts().first()

    @cached_property
    def published(self) -> Advice | None:
        return self._versions().published().first()

    def _versions(self) -> Any:
        return (
            Advice.objects.visible_to(self.officer)
            .for_country(self.country)
            .select_related("written_by", "published_by")
            .with_texts()
        )


class ListCountryAdviceView(OfficerRequiredMixin, TemplateView):
    """The countries of the user's post, with what waits there."""

    template_name = "advisories/list_country_advice.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.GET.get("country", "").upper()
        if is_country(chosen) and rules.has_perm(WRITE_ADVICE, signed_in_user(request), chosen):
            return redirect("write_advice", chosen)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        officer = signed_in_user(self.request)
        today = timezone.now().date()
        versions = Advice.objects.visible_to(officer)
        published = {advice.country: advice for advice in versions.published()}
        drafts = {
            advice.country: advice for advice in versions.drafts().select_related("written_by")
        }
        codes: Iterable[str] | None = officer.countries
        if codes is None:
            answered = Post.objects.values_list("jurisdiction", flat=True)
            codes = published.keys() | drafts.keys() | {code for post in answered for code in post}
        rows = [_row(code, published.get(code), drafts.get(code), officer, today) for code in codes]
        rows.sort(key=lambda row: (row["rank"], row["name"]))
        return super().get_context_data(
            rows=rows,
            choices=country_choices() if rules.has_perm(COORDINATE, officer) else [],
            **kwargs,
        )


def _row(
    code: str, published: Advice | None, draft: Advice | None, officer: User, today: dt.date
) -> dict[str, Any]:
    waits_for_me = draft is not None and draft.written_by_id != officer.pk
    is_due = published is not None and published.is_due_for_review(today)
    return {
        "code": code,
        "name": country_name(code),
        "published": published,
        "level": Level(published.level) if published else None,
        "draft": draft,
        "waits_for_me": waits_for_me,
        "is_due": is_due,
        # What waits for this user first, then what is old, then the rest.
        "rank": 0 if waits_for_me else 1 if draft else 2 if is_due else 3,
    }


class WriteAdviceView(CountryPageMixin, TemplateView):
    """The next version in all languages on one page, begun from the draft or what is published."""

    template_name = "advisories/write_advice.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        start = self.draft or self.published
        written = {text.language: text for text in start.texts.all()} if start else {}
        text_forms = [
            AdviceTextForm(
                language=code,
                direction=direction_of(code),
                initial={name: getattr(written[code], name) for name in TEXT_FIELDS}
                # What was new in the last version is not new in the next.
                | ({} if start is self.draft else {"changed": ""})
                if code in written
                else {},
            )
            for code, _name in settings.LANGUAGES
        ]
        form = AdviceForm(initial=AdviceForm.initial_of(start))
        return self.render_to_response(self._context(form, text_forms, self._seen()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AdviceForm(request.POST)
        text_forms = [
            AdviceTextForm(request.POST, language=code, direction=direction_of(code))
            for code, _name in settings.LANGUAGES
        ]
        # Every form is asked, so that every error is shown at once.
        are_valid = [one.is_valid() for one in (form, *text_forms)]
        if all(are_valid) and not any(one.is_filled for one in text_forms):
            form.add_error(None, _("Write the page in at least one language."))
            are_valid = [False]
        seen = request.POST.get("seen_digest", "")
        if all(are_valid):
            try:
                self._write(form, text_forms, seen)
                return redirect("review_advice", self.country)
            except actions.Refused as refusal:
                form.add_error(None, str(refusal))
        return self.render_to_response(self._context(form, text_forms, seen), status=422)

    def _seen(self) -> str:
        return digest_of(self.draft) if self.draft else ""

    def _write(self, form: AdviceForm, text_forms: list[AdviceTextForm], seen: str) -> None:
        actions.write_advice(
            country=self.country,
            content=actions.AdviceContent(
                level=form.cleaned_data["level"],
                is_urgent=form.cleaned_data["is_urgent"],
                review_on=form.cleaned_data["review_on"],
                texts={one.language: one.words for one in text_forms if one.is_filled},
                numbers=form.numbers,
            ),
            by=self.officer,
            seen_digest=seen,
        )

    def _context(
        self, form: AdviceForm, text_forms: list[AdviceTextForm], seen: str
    ) -> dict[str, Any]:
        return self.get_context_data(
            country=self.country,
            name=country_name(self.country),
            form=form,
            blocks=[
                {"form": one, "language": one.language, "name": local_name(one.language)}
                for one in text_forms
            ],
            has_errors=bool(form.errors or any(one.errors for one in text_forms)),
            seen_digest=seen,
            draft=self.draft,
            published=self.published,
        )


class ReviewAdviceView(CountryPageMixin, TemplateView):
    """The draft as the traveller will see it and what it changes, to its author and to who
    publishes; without a draft, what is published."""

    template_name = "advisories/review_advice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        advice = self.draft or self.published
        if advice is None:
            raise Http404
        draft = self.draft
        is_author = draft is not None and draft.written_by_id == self.officer.pk
        return super().get_context_data(**kwargs) | {
            "country": self.country,
            "name": country_name(self.country),
            "advice": advice,
            "level": Level(advice.level),
            "published": self.published,
            "previews": previews_of(advice),
            "changes": changes_between(self.published, draft) if draft else [],
            "seen_digest": digest_of(advice),
            "can_publish": rules.has_perm(PUBLISH_ADVICE, self.officer, draft),
            "waits_for_other": is_author,
            "form": kwargs.get("form") or _review_form(),
            "versions": list(self._versions().public().order_by("-version") if not draft else []),
        }


def _review_form() -> ReviewDateForm:
    return ReviewDateForm(
        initial={"review_on": timezone.now().date() + dt.timedelta(days=REVIEW_DAYS)}
    )


class PublishAdviceView(CountryPageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            advice = actions.publish_advice(
                country=self.country,
                by=self.officer,
                seen_digest=request.POST.get("seen_digest", ""),
            )
        except actions.Refused as refusal:
            published = self.published
            if self.draft or published is None or published.published_by_id != self.officer.pk:
                messages.error(request, str(refusal))  # A second click is no mistake.
            if self.draft or published:
                return redirect("review_advice", self.country)
            return redirect("list_country_advice")
        messages.success(
            request,
            _("Published. Those who go there and asked for advice are told now.")
            if advice.is_urgent
            else _("Published. Those who go there and asked for advice are told once a day."),
        )
        return redirect("review_advice", self.country)


class ConfirmAdviceView(ReviewAdviceView):
    """Every word still holds: only the day on which it was checked changes."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ReviewDateForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            actions.confirm_advice(
                country=self.country, review_on=form.cleaned_data["review_on"], by=self.officer
            )
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The page now says that it was checked today."))
        return redirect("list_country_advice")


class DiscardAdviceView(CountryPageMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            actions.discard_draft(country=self.country, by=self.officer)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The draft is gone. What is published stands."))
        return redirect("list_country_advice")
