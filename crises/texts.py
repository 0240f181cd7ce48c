"""What stands in a notice: place and time first, the officer's words, the link, the telephone.

A relay asks for word to be passed on before anything else. No text ever holds a list of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.models import Post
from crises.enums import NoticeKind
from crises.models import AffectedArea, Crisis, Notice, NoticeText
from crises.telephones import posts_of
from notifications.enums import Channel
from notifications.providers import providers_of
from notifications.templates import TextOf, check_placeholders

# What an officer may write. The link stands where the portal puts it, once: amid a sentence a
# full stop after it would be read as part of the address.
PLACEHOLDERS = frozenset({"place", "telephone"})
_SUBJECT_LIMIT = 200
# Filled in for those who are written to on vital interest alone, and empty for everybody else.
WHY = "why"
_SAMPLE_CODE = "K7QM"
_NO_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, slots=True)
class Sample:
    """How a notice will stand on one phone."""

    language: str
    label: str
    sender: str
    subject: str
    body: str


def check_words(*texts: str) -> None:
    """Raise ValidationError for a placeholder that cannot be filled in, or a lone bracket."""
    check_placeholders(*texts, available=PLACEHOLDERS)


def compose(notice: Notice, at: datetime | None = None) -> list[TextOf]:
    """The whole text in each language of the portal, `{link}` and `{stop}` alone left open.

    Where the officer wrote no variant, the frame stands in the reader's language around the words
    of the State's default language (else of the first written), and says so.
    """
    written = {text.language: text for text in notice.texts.all()}
    if not written:
        return []
    fallback = written.get(settings.LANGUAGE_CODE) or written[sorted(written)[0]]
    moment = at or timezone.now()
    posts = posts_of(notice.crisis)
    return [
        _compose(notice, written.get(language) or fallback, language, moment, posts)
        for language, _name in settings.LANGUAGES
    ]


def sms_frames(notice: Notice) -> dict[str, str]:
    """What the portal itself writes into the text message, by language: all but the officer's
    words, with `{link}` left open."""
    moment, posts = timezone.now(), posts_of(notice.crisis)
    return {
        language: _compose(notice, NoticeText(language=language), language, moment, posts).sms
        for language, _name in settings.LANGUAGES
    }


def sample_messages(notice: Notice) -> list[Sample]:
    """Mail and SMS in each language that was written, as they would read if sent now."""
    written = {text.language for text in notice.texts.all()}
    samples: list[Sample] = []
    for text in compose(notice):
        if text.language not in written:
            continue
        name = get_language_info(text.language)["name_local"].capitalize()
        link, stop = f"{settings.PORTAL_URL}/a/…", f"{settings.PORTAL_URL}/a/stop/…"
        for label, sender, subject, body in (
            (_("Mail"), settings.DEFAULT_FROM_EMAIL, text.subject, text.body),
            (_("SMS"), settings.SMS_SENDER, "", text.sms),
        ):
            samples.append(
                Sample(
                    language=text.language,
                    label=f"{name}, {label}",
                    sender=sender,
                    subject=subject,
                    body=body.replace("{link}", link)
                    .replace("{stop}", stop)
                    .replace("{reply_code}", _SAMPLE_CODE)
                    .replace("{" + WHY + "}", ""),
                )
            )
    return samples


def why_written_to(language: str, channel: str) -> str:
    """Why somebody is written to who never agreed, with the break after it."""
    with translation.override(language):
        if channel == Channel.SMS:
            return _("Someone told us that you may be here.") + "\n"
        told = _(
            "Someone told us that you may be here. You did not register with us yourself: we write "
            "to you because lives are in danger. Behind the link you can say that this is not "
            "about you, stop these messages, and have what we were told about you erased."
        )
        return told + "\n\n"


def place_of(area: AffectedArea) -> str:
    return area.label.translate(_NO_BRACES)


def times_of(area: AffectedArea, moment: datetime) -> tuple[str, str]:
    """A moment in UTC and on the clocks of the area, in the active language."""
    try:
        zone = ZoneInfo(area.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    utc, local = moment.astimezone(UTC), moment.astimezone(zone)
    same_day = utc.date() == local.date()
    return (
        format_date(utc, "j M Y, H:i"),
        format_date(local, "H:i" if same_day else "j M, H:i"),
    )


def first_line(crisis: Crisis, area: AffectedArea, moment: datetime) -> str:
    """Place and time: who reads one line only must know where and when it was written."""
    utc, local = times_of(area, moment)
    line = _("%(place)s — %(utc)s UTC (%(local)s there)") % {
        "place": place_of(area),
        "utc": utc,
        "local": local,
    }
    # Not within the f-string: what collects the strings to translate does not read those.
    exercise = _("EXERCISE. EXERCISE. This is only a test.")
    return f"{exercise}\n{line}" if crisis.is_drill else line


def _compose(
    notice: Notice, text: NoticeText, language: str, moment: datetime, posts: list[Post]
) -> TextOf:
    area = notice.area
    telephone = posts[0].telephone_24h if posts else ""
    is_relay = notice.kind == NoticeKind.RELAY
    filled = {"place": place_of(area), "telephone": telephone}
    why = "{" + WHY + "}" if notice.vital_interest else ""
    with translation.override(language):
        head = first_line(notice.crisis, area, moment)
        utc, _local = times_of(area, moment)
        state = settings.STATE_NAMES.get(language, settings.STATE_NAME)
        other = (
            _("(This notice could not be translated into your language in time.)")
            if text.language != language
            else ""
        )
        parts = [
            head,
            _("Please pass this on to our citizens around you, as you agreed to.")
            if is_relay
            else "",
            other,
            why + _fill(text.body, filled),
            # One tap tells what is needed; the link bears no name and asks for none.
            _("Tell us how you are, without signing in: I am safe / I need help / I have left")
            + "\n{link}",
            "\n".join(
                _("%(post)s, day and night: %(telephone)s")
                % {"post": post.name.translate(_NO_BRACES), "telephone": post.telephone_24h}
                for post in posts
            ),
            state.translate(_NO_BRACES),
            _("To stop messages about this crisis only:") + " {stop}",
        ]
        drill = _("EXERCISE") + ": " if notice.crisis.is_drill else ""
        subject = f"{drill}{_fill(text.subject, filled)}"
        short = _("%(place)s, %(utc)s UTC") % {"place": place_of(area), "utc": utc}
        # No link to stop: each character costs, and the page behind the first one has it.
        sms = [
            f"{drill}{short}",
            _("Please pass this on.") if is_relay else "",
            why + _fill(text.sms, filled).strip(),
            "{link}",
            _reply_line(),
            _("Day and night: %(telephone)s") % {"telephone": telephone} if telephone else "",
        ]
    return TextOf(
        language=language,
        subject=subject[:_SUBJECT_LIMIT],
        body="\n\n".join(part for part in parts if part),
        sms="\n".join(part for part in sms if part),
    )


def _reply_line() -> str:
    """How to answer by text, where every gateway that may carry the notice takes answers in."""
    carriers = providers_of(Channel.SMS)
    if not carriers or not all(one.option("inbound") == "yes" for one in carriers):
        return ""
    return _("Or reply 1 safe, 2 help, 3 left + %(code)s") % {"code": "{reply_code}"}


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
