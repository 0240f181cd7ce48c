"""Validates one form and saves one row: no session, no encryption, no ledger, no page."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from benchmarks.bare.models import Row


class RowForm(forms.Form):
    name = forms.CharField(max_length=300)
    mail = forms.EmailField()
    language = forms.ChoiceField(choices=settings.LANGUAGES)


@csrf_exempt
@require_POST
def save_row(request: HttpRequest) -> HttpResponse:
    form = RowForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    Row.objects.create(**form.cleaned_data)
    return HttpResponse(status=204)
