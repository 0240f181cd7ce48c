"""Officers and the posts they serve. Travellers are not users (see registrations)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis

E164 = r"^\+[1-9][0-9]{6,14}$"


STAFF_ACCESS = _("Let staff sign in, and let each see only what their post and role allow")
WHILE_EMPLOYED = _("While employed here, and then as long as the ledger names the account.")


class PostQuerySet(models.QuerySet["Post"]):
    def for_countries(self, codes: Iterable[str]) -> PostQuerySet:
        """Posts whose jurisdiction holds at least one of these countries, by name."""
        return self.filter(jurisdiction__overlap=sorted(set(codes))).order_by("name", "pk")


class Post(models.Model):
    """An embassy or a consulate, with the countries it answers for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    city = models.CharField(_("city"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    jurisdiction = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries it answers for")
    )
    address = models.TextField(_("address"))
    telephone_24h = models.CharField(
        _("24-hour telephone"), max_length=16, validators=[RegexValidator(E164)]
    )
    email = models.EmailField(_("mail address"))

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(fields=["name", "city"], name="post_name_city_unique"),
            models.CheckConstraint(
                condition=Q(telephone_24h__regex=E164), name="post_telephone_is_e164"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="post_country_is_code"
            ),
            models.CheckConstraint(
                condition=Q(jurisdiction__len__gt=0), name="post_answers_for_a_country"
            ),
        ]

    def __str__(self) -> str:
        return self.name


declare(
    Post,
    purpose=_("Tell people which consulate answers for them and how to reach it"),
    retention=_("While the post is open."),
    about=(),
    plain={
        "id",
        "name",
        "city",
        "country",
        "jurisdiction",
        "address",
        "telephone_24h",
        "email",
    },
)


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        *,
        email: str,
        name: str,
        role: Role | str,
        password: str | None = None,
        post: Post | None = None,
        language: str = "en",
    ) -> User:
        """Save a user. Mail addresses are kept in lower case, so that one person is one row."""
        user = self.model(
            email=email.strip().lower(), name=name, role=role, post=post, language=language
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Someone of the ministry. Signs in by mail address, password and a second factor."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    post = models.ForeignKey(
        Post,
        verbose_name=_("post"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="users",
    )
    language = models.CharField(_("language"), max_length=12, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    session_version = models.PositiveIntegerField(
        _("version of the sessions"), default=0, editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=~Q(role=Role.OFFICER) | Q(post__isnull=False),
                name="user_officer_has_post",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="user_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_officer(self) -> bool:
        return self.role == Role.OFFICER

    @property
    def is_coordinator(self) -> bool:
        return self.role == Role.COORDINATOR

    @property
    def countries(self) -> frozenset[str] | None:
        """ISO 3166 codes this user acts in; None means every post's; empty means none."""
        if self.is_coordinator:
            return None
        if self.is_officer and self.post is not None:
            return frozenset(self.post.jurisdiction)
        return frozenset()

    def can_act_in(self, countries: Iterable[str]) -> bool:
        """Whether every one of these countries lies in this user's jurisdiction.

        An area at sea has no country, and lies in no other post's jurisdiction either: any
        officer may act there.
        """
        if not self.is_active or not (self.is_officer or self.is_coordinator):
            return False
        return self.countries is None or self.countries.issuperset(countries)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind sessions to the password and to a version, so that either ends them all."""
        return salted_hmac(
            "accounts.User.session",
            f"{self.session_version}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


declare(
    User,
    purpose=STAFF_ACCESS,
    retention=WHILE_EMPLOYED,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id",
        "email",
        "name",
        "role",
        "post",
        "language",
        "is_active",
        "session_version",  # Raising it ends every session of this user at once.
        "created_at",
        "last_login",
        "password",  # A salted hash.
    },
)


class UserSession(models.Model):
    """One sign-in that has not ended: shown to its user, and ended by removing the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("user")
    )
    # "firefox-windows": see accounts.devices.
    device = models.CharField(_("device"), max_length=40)
    address = SealedTextField(
        _("network address"), seal="accounts.usersession.address", owner="user_id"
    )
    began_at = models.DateTimeField(_("signed in at"), default=timezone.now)
    seen_at = models.DateTimeField(_("last used at"), default=timezone.now)
    # When the user last asked for a page. What a page fetches by itself is seen, not acted.
    acted_at = models.DateTimeField(_("last page asked for at"), default=timezone.now)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.device} since {self.began_at:%Y-%m-%d %H:%M}"


declare(
    UserSession,
    purpose=_("End a session that nobody uses, and show users where they are signed in"),
    retention=_("Until the session ends, 8 hours at most."),
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    sealed={"address"},
    plain={"id", "user", "device", "began_at", "seen_at", "acted_at"},
)


class RefusedTry(models.Model):
    """One wrong password or code. Of the address that was typed, only a keyed digest is kept."""

    account = models.BinaryField(_("digest of the account"), max_length=32)
    place = models.BinaryField(_("digest of the account and the network"), max_length=32)
    at = models.DateTimeField(_("refused at"), default=timezone.now)

    class Meta:
        verbose_name = _("refused try to sign in")
        verbose_name_plural = _("refused tries to sign in")
        indexes = [models.Index(fields=["account", "at"], name="refused_try_account_at")]

    def __str__(self) -> str:
        return f"refused at {self.at:%Y-%m-%d %H:%M}"


declare(
    RefusedTry,
    purpose=_("Stop whoever guesses passwords or codes"),
    retention=_("Two hours."),
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "at"},
    derived={"account", "place"},
)


class KnownNetwork(models.Model):
    """A network from which a user has signed in: guesses from elsewhere do not lock it out."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="known_networks", verbose_name=_("user")
    )
    place = models.BinaryField(_("digest of the account and the network"), max_length=32)
    used_at = models.DateTimeField(_("last used at"), default=timezone.now)

    class Meta:
        verbose_name = _("known network")
        verbose_name_plural = _("known networks")
        constraints = [
            models.UniqueConstraint(fields=["user", "place"], name="known_network_unique")
        ]

    def __str__(self) -> str:
        return f"used at {self.used_at:%Y-%m-%d}"


declare(
    KnownNetwork,
    purpose=_("Let an officer sign in from a known network while others guess at the password"),
    retention=_("90 days after the last sign-in from there."),
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "user", "used_at"},
    derived={"place"},
)
