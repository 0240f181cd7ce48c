"""Pages of the API: newest crisis first, by cursor, so that a new one shifts nothing."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    page_size = 50
    ordering = ("-opened_at", "-pk")
