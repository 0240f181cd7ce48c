"""Signing in as a traveller does, with the code that arrives."""

from __future__ import annotations

from django.utils import timezone

from micic_portal.demo.inbox import DemoSinks
from micic_portal.demo.travellers import code_for
from micic_portal.demo.visitor import Page, Visitor
from tests.portal import Portal


async def sign_in_by_mail(visitor: Visitor, portal: Portal, mail: str) -> Page:
    """The page that the code of this address leads to."""
    page = await visitor.read("/sign-in/")
    asked_at = timezone.now()
    page = await visitor.submit(page, page.form_with("contact"), {"contact": mail})
    code = await code_for(DemoSinks(portal.sinks), mail, since=asked_at)
    return await visitor.submit(page, page.form_with("code"), {"code": code})
