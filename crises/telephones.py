"""The numbers that answer day and night in a crisis: they stand on every notice and page of it."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Post
from crises.models import Crisis

_MOST = 3


def posts_of(crisis: Crisis) -> list[Post]:
    """The post that leads it; where none does, those of its countries. None where no post is."""
    if crisis.post is not None:
        return [crisis.post]
    if not crisis.countries:
        return []
    return list(Post.objects.for_countries(crisis.countries)[:_MOST])


def posts_of_each(crises: Iterable[Crisis]) -> dict[Crisis, list[Post]]:
    """The same for several at once: one query at most."""
    found = {crisis: [crisis.post] if crisis.post is not None else [] for crisis in crises}
    leaderless = [crisis for crisis, posts in found.items() if not posts and crisis.countries]
    if leaderless:
        wanted = {code for crisis in leaderless for code in crisis.countries}
        posts = list(Post.objects.for_countries(wanted))
        for crisis in leaderless:
            own = set(crisis.countries)
            found[crisis] = [post for post in posts if own & set(post.jurisdiction)][:_MOST]
    return found
