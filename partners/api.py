"""The partner API, version 1: the crises, thin. Every call by an agency leaves a ledger entry."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crises.models import Crisis
from partners.actions import note_call
from partners.documentation import PROBLEMS
from partners.models import Agency
from partners.pagination import NewestFirst
from partners.serializers import (
    CrisisQuestionSerializer,
    CrisisSerializer,
    DrillsSerializer,
)


class LedgeredView(generics.GenericAPIView[Crisis]):
    """Writes the entry before the answer leaves: no entry, no answer."""

    ledger_verb: ClassVar[str]

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Cache-Control"] = "no-store"
        if isinstance(request.user, Agency):
            results = final.data.get("results") if isinstance(final.data, dict) else None
            note_call(
                agency=request.user,
                verb=self.ledger_verb,
                status=final.status_code,
                count=None if results is None else len(results),
                crisis_id=str(kwargs.get("pk", "")),
            )
        return final


class ReadCrisesView(LedgeredView, generics.ListAPIView[Crisis]):
    serializer_class = CrisisSerializer
    pagination_class = NewestFirst
    ledger_verb = "read_crises"

    def get_queryset(self) -> models.QuerySet[Crisis]:
        question = CrisisQuestionSerializer(data=self.request.query_params)
        question.is_valid(raise_exception=True)
        return question.narrow(Crisis.objects.published_to_agencies())

    @extend_schema(
        operation_id="read_crises",
        summary="Crises, newest first",
        description="Those under way and those closed in the last 30 days.",
        parameters=[CrisisQuestionSerializer],
        responses={200: CrisisSerializer(many=True), **PROBLEMS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ReadCrisisView(LedgeredView, generics.RetrieveAPIView[Crisis]):
    serializer_class = CrisisSerializer
    ledger_verb = "read_crisis"

    def get_queryset(self) -> models.QuerySet[Crisis]:
        question = DrillsSerializer(data=self.request.query_params)
        question.is_valid(raise_exception=True)
        return question.narrow(Crisis.objects.published_to_agencies())

    def get_object(self) -> Crisis:
        try:
            return super().get_object()
        except Http404:
            raise NotFound(_("No crisis that you may read has this identifier.")) from None

    @extend_schema(
        operation_id="read_crisis",
        summary="One crisis",
        description="A drill is found only with drills=include.",
        parameters=[DrillsSerializer],
        responses={
            200: OpenApiResponse(CrisisSerializer),
            **PROBLEMS,
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class RefuseUnknownPathView(APIView):
    """Anything else under the API's address is a problem in JSON, not a page."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(_("The API has nothing at this address."))
