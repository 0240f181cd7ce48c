"""What is sent about a change, in each language of the portal."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from advisories.enums import Level
from advisories.models import Advice
from advisories.reading import words_for
from geography.countries import country_name
from notifications.templates import TextOf

_NO_BRACES = str.maketrans("{}", "()")
# What an SMS can still carry beside the link: the rest stands on the page.
_BODY_LIMIT = 1500


def urgent_texts(advice: Advice) -> list[TextOf]:
    """One country's change, told at once, with the officer's own words."""
    return [_urgent_text(advice, language) for language, _name in settings.LANGUAGES]


def digest_texts(countries: Sequence[str]) -> list[TextOf]:
    """The day's changes: {place} names those of the countries that a person goes to."""
    path = reverse("read_advice", args=[countries[0]]) if len(countries) == 1 else _list_path()
    return [_digest_text(path, language) for language, _name in settings.LANGUAGES]


def _list_path() -> str:
    return reverse("list_advice")


def _urgent_text(advice: Advice, language: str) -> TextOf:
    with override(language):
        level = Level(advice.level)
        words = words_for(advice.texts.all(), language)
        said = (words.text.changed or words.text.summary) if words else ""
        values = {
            "country": country_name(advice.country).translate(_NO_BRACES),
            "level": int(level),
            "words": str(level.label),
            "said": said.translate(_NO_BRACES)[:_BODY_LIMIT],
            "url": f"{settings.PORTAL_URL}{reverse('read_advice', args=[advice.country])}",
        }
        return TextOf(
            language=language,
            subject=_("Urgent advice: %(country)s, level %(level)s") % values,
            body=_(
                "The advice for %(country)s has changed.\n"
                "Level %(level)s of 4: %(words)s\n\n"
                "%(said)s\n\n"
                "All of it, with local emergency numbers and your consulate's 24-hour number:\n"
                "%(url)s\n\n"
                "You get this because you asked for advice about the places you go to. "
                "To get no more of it:\n{stop}"
            )
            % values,
            sms=_(
                "Urgent advice: %(country)s, level %(level)s of 4: %(words)s\n%(url)s\n"
                "No more of these: {stop}"
            )
            % values,
        )


def _digest_text(path: str, language: str) -> TextOf:
    with override(language):
        values = {"url": f"{settings.PORTAL_URL}{path}"}
        return TextOf(
            language=language,
            subject=_("New advice: {place}"),
            body=_(
                "The advice has changed for places that you go to: {place}\n\n"
                "Read what is new:\n%(url)s\n\n"
                "You get this because you asked for advice about the places you go to, at most "
                "once a day. To get no more of it:\n{stop}"
            )
            % values,
            sms=_("New advice for {place}:\n%(url)s\nNo more of these: {stop}") % values,
        )
