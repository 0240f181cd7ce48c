"""What agencies' programs read, what they are refused, and what the ledger says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone
from drf_spectacular.validation import validate_schema

from audit.models import Entry
from crises.models import Crisis
from partners.actions import deactivate_agency
from partners.throttling import AgencyThrottle
from tests.factories.accounts import make_officer
from tests.factories.partners import ask_for_token, make_agency, make_token
from tests.factories.published_crises import make_crisis, make_notice

pytestmark = pytest.mark.django_db
CRISES = "/api/v1/crises/"
JSON_SCHEMA = {"accept": "application/vnd.oai.openapi+json"}


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


@pytest.fixture
def agency():
    return make_agency()[0]


@pytest.fixture
def read(client, agency):
    """Calls an address with a good token of the agency."""
    expires = timezone.now() + timedelta(minutes=5)
    make_token(agency, "good", scopes="crises:read", expires_at=expires)

    def call(path: str = CRISES, token: str = "good", **headers: str):
        return client.get(path, headers={"authorization": f"Bearer {token}", **headers})

    return call


def ledger() -> list[tuple[str, str, dict]]:
    entries = Entry.objects.filter(action__startswith="api.").order_by("at")
    return [(entry.action, entry.actor_id, entry.details) for entry in entries]


def assert_problem(response, status: int, code: str):
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["instance"] == response.wsgi_request.path
    assert body["title"]
    assert body["detail"]


def test_the_whole_way_of_a_program(client):
    agency, secret = make_agency()
    crisis = make_crisis(
        title="Earthquake, Gorkha",
        countries=["NP"],
        opened_at=datetime(2026, 4, 25, 6, 31, tzinfo=UTC),
    )
    token = ask_for_token(client, agency, secret).json()["access_token"]
    response = client.get(CRISES, headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(crisis.pk),
                "title": "Earthquake, Gorkha",
                "state": "open",
                "is_drill": False,
                "countries": ["NP"],
                "opened_at": "2026-04-25T06:31:00Z",
                "closed_at": None,
                "urgency": "Immediate",
                "severity": "Severe",
                "certainty": "Observed",
            }
        ],
    }
    assert ledger()[-1] == (
        "api.read_crises",
        agency.client_id,
        {"status": 200, "count": 1},
    )


def test_times_are_utc_whatever_the_time_zone_in_force(read):
    make_crisis(opened_at=datetime(2026, 4, 25, 6, 31, tzinfo=UTC))
    with timezone.override("Asia/Kathmandu"):
        assert read().json()["results"][0]["opened_at"] == "2026-04-25T06:31:00Z"


def test_one_crisis_is_read_and_noted_with_its_identifier(read, agency):
    crisis = make_crisis()
    response = read(f"{CRISES}{crisis.pk}/")
    assert response.json()["id"] == str(crisis.pk)
    entry = Entry.objects.get(action="api.read_crisis")
    assert (entry.object_type, entry.object_id) == ("crises.crisis", str(crisis.pk))
    assert entry.purpose == "sharing"


def test_every_call_given_or_refused_leaves_one_entry(read, agency):
    read()
    read(f"{CRISES}?country=Nepal")
    read(f"{CRISES}{uuid4()}/")
    read(CRISES, accept="text/html")
    read(CRISES, token="unknown")  # Nobody's token: no agency to name.
    assert ledger() == [
        ("api.read_crises", agency.client_id, {"status": 200, "count": 0}),
        ("api.refuse_read_crises", agency.client_id, {"status": 400}),
        ("api.refuse_read_crisis", agency.client_id, {"status": 404}),
        ("api.refuse_read_crises", agency.client_id, {"status": 406}),
    ]


def test_without_its_ledger_entry_nothing_is_told(read):
    make_crisis(title="Earthquake")
    with (
        patch("partners.actions.record", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        read()


def test_no_token_no_answer(client):
    response = client.get(CRISES)
    assert_problem(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="partner API"'
    assert ledger() == []


@pytest.mark.parametrize("token", ["unknown", "", "ключ", "good extra"])
def test_a_token_that_is_nobodys_is_refused(client, read, token):
    header = f"Bearer {token}".encode().decode("latin-1")
    response = client.get(CRISES, headers={"authorization": header})
    assert_problem(response, 401, "authentication_failed")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_an_expired_token_is_refused(read, agency):
    make_token(agency, "old", scopes="crises:read", expires_at=timezone.now())
    assert_problem(read(token="old"), 401, "authentication_failed")


def test_a_token_in_the_address_is_not_read(client, read):
    assert_problem(client.get(f"{CRISES}?access_token=good"), 401, "not_authenticated")


def test_a_token_without_the_scope_is_refused_and_noted(read, agency):
    expires = timezone.now() + timedelta(minutes=5)
    make_token(agency, "narrow", scopes="openid", expires_at=expires)
    response = read(token="narrow")
    assert_problem(response, 403, "insufficient_scope")
    assert 'scope="crises:read"' in response.headers["WWW-Authenticate"]
    assert ledger() == [("api.refuse_read_crises", agency.client_id, {"status": 403})]


def test_an_inactive_agency_is_refused_and_noted_although_its_token_still_runs(read, agency):
    deactivate_agency(agency=agency, by=make_officer())
    assert_problem(read(), 403, "inactive_agency")
    assert ledger() == [("api.refuse_read_crises", agency.client_id, {"status": 403})]


def test_an_officers_session_is_no_way_into_the_api(client):
    client.force_login(make_officer())
    assert_problem(client.get(CRISES), 401, "not_authenticated")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_is_for_reading(client, read, method):
    response = getattr(client, method)(CRISES, headers={"authorization": "Bearer good"})
    assert_problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/people/", "/api/v1/crises/x/"])
def test_another_address_below_the_api_is_a_problem_too(client, path):
    assert_problem(client.get(path), 404, "not_found")


def test_a_fault_of_ours_is_a_problem_too(read):
    with patch(
        "crises.querysets.CrisisQuerySet.published_to_agencies", side_effect=ZeroDivisionError
    ):
        assert_problem(read(), 500, "error")


def test_a_program_that_calls_too_often_is_told_when_to_come_back(read, agency, monkeypatch):
    monkeypatch.setattr(AgencyThrottle, "THROTTLE_RATES", {"agency": "2/min"})
    assert read().status_code == read().status_code == 200
    response = read()
    assert_problem(response, 429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 61
    assert ledger()[-1] == ("api.refuse_read_crises", agency.client_id, {"status": 429})


def test_an_agency_does_not_use_up_anothers_calls(client, read, monkeypatch):
    monkeypatch.setattr(AgencyThrottle, "THROTTLE_RATES", {"agency": "1/min"})
    other, _secret = make_agency("University of Solandia", "university")
    expires = timezone.now() + timedelta(minutes=5)
    make_token(other, "theirs", scopes="crises:read", expires_at=expires)
    assert read().status_code == 200
    assert read(token="theirs").status_code == 200


def titles(response) -> list[str]:
    return [crisis["title"] for crisis in response.json()["results"]]


def test_a_drill_is_given_only_when_asked_for_and_says_so(read):
    make_crisis(title="Earthquake")
    drill = make_crisis(title="Exercise", is_drill=True)
    assert titles(read()) == ["Earthquake"]
    assert titles(read(f"{CRISES}?drills=exclude")) == ["Earthquake"]
    both = read(f"{CRISES}?drills=include").json()["results"]
    assert {crisis["title"]: crisis["is_drill"] for crisis in both} == {
        "Earthquake": False,
        "Exercise": True,
    }
    assert_problem(read(f"{CRISES}{drill.pk}/"), 404, "not_found")
    assert read(f"{CRISES}{drill.pk}/?drills=include").json()["is_drill"] is True


def test_crises_are_narrowed_by_country_and_state(read):
    make_crisis(title="Nepal", countries=["NP"])
    make_crisis(title="Nepal and India", countries=["IN", "NP"])
    make_crisis(title="Chile", countries=["CL"])
    assert sorted(titles(read(f"{CRISES}?country=np"))) == ["Nepal", "Nepal and India"]
    assert titles(read(f"{CRISES}?country=CL&state=open")) == ["Chile"]
    assert titles(read(f"{CRISES}?state=closed")) == []


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("country=Nepal", "country"),
        ("country=ZZ", "country"),
        ("state=x", "state"),
        ("drills=yes", "drills"),
    ],
)
def test_a_wrong_parameter_is_named(read, question, name):
    response = read(f"{CRISES}?{question}")
    assert_problem(response, 400, "invalid")
    assert list(response.json()["errors"]) == [name]


def test_pages_follow_one_another_newest_first(read, monkeypatch):
    monkeypatch.setattr("partners.pagination.NewestFirst.page_size", 2)
    start = datetime(2026, 4, 25, tzinfo=UTC)
    for day in range(5):
        make_crisis(title=f"day {day}", opened_at=start + timedelta(days=day))
    seen, url = [], CRISES
    while url:
        page = read(url)
        seen += titles(page)
        url = page.json()["next"]
    assert seen == ["day 4", "day 3", "day 2", "day 1", "day 0"]


def test_a_broken_cursor_is_a_problem(read):
    response = read(f"{CRISES}?cursor=xyz")
    assert response.status_code in {400, 404}
    assert response.headers["Content-Type"] == "application/problem+json"


def test_the_cap_words_are_those_of_the_newest_notice_sent(read):
    crisis = make_crisis(told=False)
    words = ("Expected", "Severe", "Likely"), ("Immediate", "Extreme", "Observed")
    for version, (urgency, severity, certainty) in enumerate([*words, words[0]], start=1):
        make_notice(
            crisis=crisis,
            version=version,
            state="draft" if version == 3 else "sent",
            urgency=urgency,
            severity=severity,
            certainty=certainty,
        )
    told = read().json()["results"][0]
    assert (told["urgency"], told["severity"], told["certainty"]) == (
        "Immediate",
        "Extreme",
        "Observed",
    )


def test_the_number_of_queries_does_not_grow_with_the_crises(read, django_assert_max_num_queries):
    for number in range(20):
        make_crisis(title=str(number))
    with django_assert_max_num_queries(12):
        assert len(read().json()["results"]) == 20


def test_the_detail_follows_the_language_asked_for(client):
    english = client.get(CRISES, headers={"accept-language": "en"}).json()
    assert english["detail"] == "Send an access token in the Authorization header."
    assert english["title"] == "Unauthorized"


def test_the_description_is_valid_openapi_and_names_the_way_in(client):
    schema = client.get("/api/v1/schema/", headers=JSON_SCHEMA).json()
    validate_schema(schema)
    assert schema["openapi"].startswith("3.")
    scheme = schema["components"]["securitySchemes"]["clientCredentials"]
    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == "/api/oauth/token"
    assert list(scheme["flows"]["clientCredentials"]["scopes"]) == ["crises:read"]
    assert set(schema["paths"]) == {"/api/v1/crises/", "/api/v1/crises/{id}/"}
    responses = schema["paths"]["/api/v1/crises/"]["get"]["responses"]
    for status in ("400", "401", "403", "404", "405", "406", "429", "500"):
        content = responses[status]["content"]
        assert list(content) == ["application/problem+json"]
        assert content["application/problem+json"]["examples"]
    example = responses["200"]["content"]["application/json"]["examples"]
    assert "Earthquake" in str(example)


def test_what_is_told_is_what_is_described(client, read):
    make_crisis()
    schema = client.get(
        "/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"}
    ).json()
    described = schema["components"]["schemas"]["Crisis"]["properties"]
    assert list(described) == list(read().json()["results"][0])


def test_the_page_for_people_holds_no_inline_script_or_style(client):
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text
    assert "<script>" not in text
    assert "//cdn" not in text
    script = client.get("/api/v1/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved", "aborted"])
def test_agencies_learn_of_a_crisis_after_the_people_concerned(read, state):
    crisis = make_crisis(told=False)
    make_notice(crisis=crisis, version=1, state=state, message=None)
    assert read().json()["results"] == []
    assert read(f"{CRISES}{crisis.pk}/").status_code == 404


def test_what_an_aborted_notice_told_stays_told_but_a_later_one_speaks(read):
    crisis = make_crisis()
    make_notice(crisis=crisis, version=2, state="aborted", urgency="Past")
    assert read().json()["results"][0]["urgency"] == "Immediate"
    only = make_crisis(told=False, opened_at=timezone.now())
    make_notice(crisis=only, version=1, state="aborted", urgency="Past")
    assert read().json()["results"][0]["urgency"] == "Past"


@pytest.mark.parametrize("state", ["frozen", "sending", "sent"])
def test_a_crisis_is_told_once_a_notice_has_gone_out(state):
    crisis = make_crisis(told=False)
    make_notice(crisis=crisis, version=1, state=state)
    assert list(Crisis.objects.published_to_agencies()) == [crisis]
