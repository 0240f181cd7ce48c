"""The services by anymail's names: what each needs, and how it signs what it tells us."""

from __future__ import annotations

from dataclasses import dataclass

from notifications.providers import Provider

ANYMAIL = "anymail"
# The option with "user:password", by which a service that signs nothing proves itself.
BASIC = "webhook_secret"


@dataclass(slots=True, frozen=True)
class Service:
    """Options by name. `receipts` and `replies` name the one that verifies its calls."""

    needs: tuple[str, ...]
    receipts: str = BASIC  # empty: it tells us nothing
    replies: str = BASIC  # empty: not taken; anymail would have to fetch them from elsewhere
    package: str = ""  # a library that its backend imports
    signing_package: str = ""  # one that checking its signatures takes
    # Where it wants our key besides the request's Idempotency-Key: "headers" or "body" of the mail.
    key_in: str = ""
    key_name: str = ""
    remembers_key: bool = False  # for a day: what goes to it again in that time is not sent twice
    takes_headers: bool = True


SERVICES = {
    "amazon_ses": Service(("region_name",), replies="", package="boto3"),
    "brevo": Service(("api_key",), key_in="headers", key_name="idempotencyKey"),
    "mailersend": Service(
        ("api_token",),
        receipts="signing_secret",
        replies="inbound_secret",
        takes_headers=False,  # It refuses the mail of an account that has not paid for them.
    ),
    "mailgun": Service(("api_key",), receipts="webhook_signing_key", replies="webhook_signing_key"),
    "mailjet": Service(("api_key", "secret_key")),
    "mailtrap": Service(("api_token",), receipts="tracking_secret", replies=""),
    "mandrill": Service(("api_key",), receipts="webhook_key", replies="webhook_key"),
    "postal": Service(("api_key", "api_url"), receipts="webhook_key", replies="webhook_key"),
    "postmark": Service(("server_token",)),
    "resend": Service(
        ("api_key",),
        receipts="signing_secret",
        replies="",
        signing_package="svix",
        remembers_key=True,
    ),
    "scaleway": Service(("secret_key", "project_id"), receipts="", replies=""),
    "sendgrid": Service(("api_key",), receipts="tracking_webhook_verification_key"),
    "sparkpost": Service(("api_key",)),
    "unisender_go": Service(
        ("api_key", "api_url"),
        receipts="api_key",
        replies="",
        key_in="body",
        key_name="idempotence_key",
    ),
}


def service_of(provider: Provider) -> Service | None:
    if provider.option("shape") != ANYMAIL:
        return None
    return SERVICES.get(provider.option("backend"))
