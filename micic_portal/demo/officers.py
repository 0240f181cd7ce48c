"""The officers' half of the main job, over HTTP: open, count, write, submit, approve, watch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from micic_portal.demo.staff import DEMO_PASSWORD, demo_code
from micic_portal.demo.visitor import Form, Page, UnexpectedPage, Visitor

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What the officer of the rehearsal writes; the portal adds place, time, link and telephone.
TEXTS = {
    "es": (
        "Manténgase a salvo y responda",
        "Siga las indicaciones de las autoridades locales. Diga con un toque cómo está.",
        "Siga a las autoridades locales y diga cómo está:",
    ),
    "en": (
        "Stay safe and answer",
        "Follow what the local authorities say. Tell us with one tap how you are.",
        "Follow the local authorities and tell us how you are:",
    ),
    "fr": (
        "Mettez-vous à l'abri et répondez",
        "Suivez les consignes des autorités locales. Dites-nous d'un geste comment vous allez.",
        "Suivez les autorités locales et dites-nous comment vous allez :",
    ),
    "ar": (
        "ابقوا في أمان وأجيبوا",
        "اتبعوا تعليمات السلطات المحلية. أخبرونا بلمسة واحدة عن حالكم.",
        "اتبعوا السلطات المحلية وأخبرونا عن حالكم:",
    ),
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A notice that waits for approval, and where its crisis room is."""

    notice_id: str
    review_path: str


async def sign_in(visitor: Visitor, email: str) -> None:
    page = await visitor.read("/accounts/login/")
    form = page.form_with("login")
    page = await visitor.submit(page, form, {"login": email, "password": DEMO_PASSWORD})
    # A code serves once: whoever signed in within the last half minute types the next one.
    for later in (0, 1):
        if "/2fa/authenticate/" in page.url:
            form = page.form_with("code")
            page = await visitor.submit(page, form, {"code": demo_code(email, later=later)})
    if "/crises/" not in page.url:
        raise UnexpectedPage(f"{email} could not sign in ({page.status}).")


async def submit_notice(visitor: Visitor, alert: Path) -> Submitted:
    """Open a crisis from the alert file, count who is there, write to them, ask for approval."""
    page = await visitor.read("/crises/open/")
    form = page.form_with("alert_file")
    page = await visitor.submit(page, form, upload=("alert_file", alert.name, alert.read_bytes()))
    form = page.form_with("title")
    # An old alert, from which a crisis may be open already: this is one more.
    confirmed = dict.fromkeys({"confirm_expired", "is_another"} & form.names, "on")
    page = await visitor.submit(page, form, dict(confirmed), button=("way", "use"))
    page = await visitor.submit(page, _posting(page, "window_start"))
    form = page.form_with("urgency")
    fields: dict[str, str | list[str]] = {
        "urgency": "Immediate", "severity": "Severe", "certainty": "Observed",
    }  # fmt: skip
    for language, (subject, body, sms) in TEXTS.items():
        fields |= {
            f"{language}-subject": subject,
            f"{language}-body": body,
            f"{language}-sms": sms,
        }
    page = await visitor.submit(page, form, fields)
    review = page.url
    page = await visitor.submit(page, _leading_to(page, "/submit/"))
    found = _UUID.search(review)
    if found is None:
        raise UnexpectedPage(f"No notice at {page.url}.")
    return Submitted(found[0], review)


async def must_not_approve(visitor: Visitor, submitted: Submitted) -> None:
    """The author tries to approve their own notice. Raises UnexpectedPage if that is offered."""
    page = await visitor.read(submitted.review_path)
    if any(form.action.endswith("/approve/") for form in page.forms):
        raise UnexpectedPage("The author was offered to approve their own notice.")


async def approve(visitor: Visitor, submitted: Submitted) -> Page:
    page = await visitor.read(submitted.review_path)
    return await visitor.submit(page, _leading_to(page, "/approve/"))


def _leading_to(page: Page, ending: str) -> Form:
    for form in page.forms:
        if form.action.endswith(ending):
            return form
    raise UnexpectedPage(f"Nothing leads to {ending!r} from {page.url} ({page.status}).")


def _posting(page: Page, name: str) -> Form:
    for form in page.forms:
        if form.method == "post" and name in form.names:
            return form
    raise UnexpectedPage(f"No form with {name!r} to send on {page.url} ({page.status}).")
