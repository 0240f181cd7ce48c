"""What an agency is told of a crisis: facts, in CAP's and ISO's words; never a person."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pycountry
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from crises.enums import Certainty, CrisisState, Severity, Urgency
from crises.models import Crisis

_CAP = _("CAP 1.2's word, from the newest notice sent.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An earthquake",
            value={
                "id": "4e0c4d5c-62a5-4d7b-9d0a-6d7f7d1f3b0a",
                "title": "Earthquake, Gorkha",
                "state": "open",
                "is_drill": False,
                "countries": ["NP"],
                "opened_at": "2026-04-25T06:31:00Z",
                "closed_at": None,
                "urgency": "Immediate",
                "severity": "Extreme",
                "certainty": "Observed",
            },
            response_only=True,
        )
    ]
)
class CrisisSerializer(serializers.ModelSerializer[Crisis]):
    state = serializers.ChoiceField(choices=CrisisState.choices, read_only=True)
    is_drill = serializers.BooleanField(
        read_only=True, help_text=_("True for an exercise: nothing has happened.")
    )
    countries = serializers.ListField(
        child=serializers.CharField(min_length=2, max_length=2),
        read_only=True,
        help_text=_("ISO 3166-1 alpha-2 codes."),
    )
    opened_at = serializers.DateTimeField(read_only=True, default_timezone=UTC)
    closed_at = serializers.DateTimeField(read_only=True, allow_null=True, default_timezone=UTC)
    urgency = serializers.ChoiceField(choices=Urgency.values, read_only=True, help_text=_CAP)
    severity = serializers.ChoiceField(choices=Severity.values, read_only=True, help_text=_CAP)
    certainty = serializers.ChoiceField(choices=Certainty.values, read_only=True, help_text=_CAP)

    class Meta:
        model = Crisis
        fields = [
            "id",
            "title",
            "state",
            "is_drill",
            "countries",
            "opened_at",
            "closed_at",
            "urgency",
            "severity",
            "certainty",
        ]
        read_only_fields = fields


class DrillsSerializer(serializers.Serializer[Any]):
    """The part of the question that both addresses take."""

    drills = serializers.ChoiceField(
        choices=["exclude", "include"],
        default="exclude",
        help_text=_("Whether exercises are given as well."),
    )

    def narrow(self, crises: models.QuerySet[Crisis]) -> models.QuerySet[Crisis]:
        if self.validated_data["drills"] == "exclude":
            crises = crises.filter(is_drill=False)
        return crises


class CrisisQuestionSerializer(DrillsSerializer):
    state = serializers.ChoiceField(choices=CrisisState.choices, required=False)
    country = serializers.CharField(
        required=False, help_text=_("An ISO 3166-1 alpha-2 code, such as NP.")
    )

    def validate_country(self, value: str) -> str:
        code = value.upper()
        if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
            raise serializers.ValidationError(_("This is not an ISO 3166-1 alpha-2 code."))
        return code

    def narrow(self, crises: models.QuerySet[Crisis]) -> models.QuerySet[Crisis]:
        crises = super().narrow(crises)
        if state := self.validated_data.get("state"):
            crises = crises.filter(state=state)
        if country := self.validated_data.get("country"):
            crises = crises.filter(countries__contains=[country])
        return crises


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text=_("about:blank: the status says it all."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("For people, in the language asked for."))
    instance = serializers.CharField(help_text=_("The path that was called."))
    code = serializers.CharField(help_text=_("For programs: the reason, one word."))
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of that name
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("By parameter, where a parameter is wrong."),
    )
