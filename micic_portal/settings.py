"""Settings of the portal, read from the environment (see docs/deployment.md for every variable).

PORTAL_MODE decides how strict they are: `production` (the default) refuses to start without its
secrets; `demo` and `test` bring keys of their own that production refuses.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from micic_portal.allowances import ALARM_LIMITS, REGISTRATION_LIMITS  # noqa: F401
from micic_portal.environment import (
    database_from_url,
    demo_key,
    env,
    env_days,
    env_flag,
    env_int,
    env_list,
    env_secret,
    redis_cache_url,
    redis_celery_url,
)
from micic_portal.logs import logging_to_console
from micic_portal.provider_settings import providers_from
from micic_portal.timetable import TIMETABLE

BASE_DIR = Path(__file__).resolve().parent.parent
CHANNELS_DIR = BASE_DIR / "notifications" / "channels"

PORTAL_MODE = env("PORTAL_MODE", "production")
if PORTAL_MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(
        f"PORTAL_MODE is {PORTAL_MODE!r}: set it to production, demo or test."
    )
IS_PRODUCTION = PORTAL_MODE == "production"
DEMO = PORTAL_MODE == "demo"

DEBUG = env_flag("DEBUG", default=False)
if IS_PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on in production: unset the variable DEBUG.")

# Secrets. Each has a key of its own, so that rotating one touches nothing else.
SECRET_KEY = env_secret("SECRET_KEY", mode=PORTAL_MODE, shortest=32)
# Newest first; each "id:base64 of 32 bytes". The first seals, all open.
FIELD_KEYS = env_secret("FIELD_KEYS", mode=PORTAL_MODE, default=f"1:{demo_key('FIELD_KEYS')}")
BLIND_INDEX_KEY = env_secret("BLIND_INDEX_KEY", mode=PORTAL_MODE, shortest=32)
LINK_KEY = env_secret("LINK_KEY", mode=PORTAL_MODE, shortest=32)

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", [] if IS_PRODUCTION else ["127.0.0.1", "localhost"])
# The address in every notice's link: scheme and host, no trailing slash.
PORTAL_URL = env("PORTAL_URL", "" if IS_PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if IS_PRODUCTION and not (ALLOWED_HOSTS and PORTAL_URL.startswith("https://")):
    raise ImproperlyConfigured(
        "Set ALLOWED_HOSTS to the portal's host names and PORTAL_URL to its https:// address."
    )
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# Whom people ask and complain to about their data: a mail address, a telephone or both, as read.
DPO_CONTACT = env("DPO_CONTACT", "" if IS_PRODUCTION else "privacy@capital.example")
if not DPO_CONTACT:
    raise ImproperlyConfigured(
        "Set DPO_CONTACT to how people reach the data protection officer: the privacy notice says."
    )

# Whose register this is. STATE_NAME_ES and so on translate it.
STATE_NAME = env("STATE_NAME", "" if IS_PRODUCTION else "Republic of Solandia")
if not STATE_NAME:
    raise ImproperlyConfigured("Set STATE_NAME to the name of the State whose register this is.")
_INVENTED = {
    "es": "República de Solandia",
    "fr": "République de Solandie",
    "ar": "جمهورية سولانديا",
}
STATE_NAMES = {
    code: env(
        f"STATE_NAME_{code.upper()}",
        STATE_NAME if IS_PRODUCTION else _INVENTED.get(code, STATE_NAME),
    )
    for code in ("es", "en", "fr", "ar")
}

INSTALLED_APPS = [
    "micic_portal",
    "oversight",
    "partners",
    "crises",
    "registrations",
    "advisories",
    "notifications",
    "geography",
    "accounts",
    "audit",
    "privacy",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "micic_portal.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Before anything reads or writes a row of a database that was restored.
    "micic_portal.closing.ClosedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.UserSessionMiddleware",
    "axes.middleware.AxesMiddleware",
    "micic_portal.rates.RateMiddleware",  # Last: who asks is known by then.
]

ROOT_URLCONF = "micic_portal.urls"
WSGI_APPLICATION = "micic_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "micic_portal.context.portal",
            ],
        },
    }
]

# Fields are drawn by templates/django/forms/, with values from form_rendering.py: a page says
# as_field_group and is right.
FORM_RENDERER = "micic_portal.form_rendering.FormRenderer"

# The serving role owns no table; migrations run as the owner, where one is named.
DATABASES = {"default": database_from_url(env_secret("DATABASE_URL", mode=PORTAL_MODE, default=""))}
_owner_url = env_secret("DATABASE_OWNER_URL", mode=PORTAL_MODE, default="", required=False)
if _owner_url:
    DATABASES["owner"] = database_from_url(_owner_url)
# What may be a moment old is read there, such as the live page's figures.
_replica_url = env_secret("DATABASE_REPLICA_URL", mode=PORTAL_MODE, default="", required=False)
if _replica_url:
    DATABASES["replica"] = database_from_url(_replica_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_secret("REDIS_URL", mode=PORTAL_MODE, default="redis://127.0.0.1:6379/0")
_CACHE = {
    "LOCATION": redis_cache_url(REDIS_URL),
    "KEY_PREFIX": "micic",
    # A Redis that does not answer holds nobody's page up for long.
    "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
}
CACHES = {
    "default": {"BACKEND": "micic_portal.cache.ForgivingRedisCache", **_CACHE},
    # Counters without which text messages could cost without end: raises while Redis is down.
    "limits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_CACHE},
}

CELERY_BROKER_URL = redis_celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_IMPORTS = ("notifications.warming",)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A doorbell that nobody heard in ten minutes is stale: the sweeper rings again every 10 s.
# A broker that does not answer holds nobody's page up for long.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_connect_timeout": 3}
CELERY_BEAT_SCHEDULE = TIMETABLE
CELERY_BEAT_SCHEDULER = "micic_portal.beating:BeatingScheduler"

AUTH_USER_MODEL = "accounts.User"
# The first only refuses locked accounts. One that looks at passwords: two would hash each twice.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if PORTAL_MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # Officers are created by the operator, never by themselves.
ACCOUNT_ADAPTER = "accounts.adapter.OfficerAccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.NewPasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # No mail to an address that is not an officer's.
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True  # A code, so that no secret stands in an address.
# Wrong passwords and codes are counted by account (accounts/lockouts.py); an embassy may sign in
# from one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip"}
AXES_HANDLER = "accounts.lockout_handler.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "accounts.lockout_handler.show_lockout"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username"]
AXES_CLIENT_IP_CALLABLE = "accounts.lockout_handler.keep_no_address"
AXES_VERBOSE = False
# Whom an officer calls who is locked out at night: E.164.
OPERATOR_TELEPHONE = env("OPERATOR_TELEPHONE", "" if IS_PRODUCTION else "+99955550199")
ACCOUNT_SESSION_REMEMBER = False  # The cookie ends with the browser, the session after 8 hours.
# How many proxies of ours stand in front and add to X-Forwarded-For: 0 takes the caller's address
# from the connection.
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.second_factor.OfficerMFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "activate_totp": "accounts.forms.SetUpAppForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # A code typed as it changes, or on a telephone whose clock is a little off.
# Browsers allow passkeys without TLS on "localhost" alone, which is where the demo may be opened.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
MFA_TOTP_ISSUER = STATE_NAME
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "list_crises"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"

# Agencies' programs: client credentials only; opaque access tokens, stored as hashes.
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = env_int("API_TOKEN_SECONDS", 900)
API_TOKEN_RATE_LIMIT = env("API_TOKEN_RATE_LIMIT", "30/m/ip,30/m/key")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.authentication.AgencyTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["partners.permissions.ReadsCrises"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["partners.throttling.AgencyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"agency": env("API_RATE", "120/min")},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "partners.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MICIC Portal: partner API",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "The crises that the consular register has published to its partner agencies. "
        "Facts only: no person can be read here. Ask /api/oauth/token for a token with your "
        "client credentials, then send it as a bearer token."
    ),
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "persistAuthorization": False},
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": [{"name": "crises"}],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("es", "Español"), ("en", "English"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["micic_portal.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / "var")))
STATIC_ROOT = VAR_DIR / "static"
# Where erasures and withdrawals stand outside the database: a folder that all machines share, and
# that no backup of the database holds.
JOURNAL_DIR = Path(env("JOURNAL_DIR", str(VAR_DIR / "journal")))
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PORTAL_MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
# Tests read static files where they lie: nothing was collected.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = PORTAL_MODE == "test"
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# Channels. The mail server of the notices, and whoever carries the others.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env_int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_secret(
    "EMAIL_HOST_PASSWORD", mode=PORTAL_MODE, default="", required=False
)
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", default=IS_PRODUCTION)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "consular@portal.example")
# Who carries each channel's messages: a channel is a folder of notifications/channels.
CHANNEL_PROVIDERS = providers_from(
    os.environ, [folder.parent.name for folder in CHANNELS_DIR.glob("*/__init__.py")]
)
SMS_SENDER = env("SMS_SENDER", "CONSULAR")
# Where the demo's own sinks tell what arrived; empty outside the demo.
DEMO_SINKS_URL = env("DEMO_SINKS_URL", "")

# No hexagon of a map says that fewer people are in it, and outside an open crisis no count does.
# It may be set higher, never lower.
SMALLEST_CELL = max(env_int("SMALLEST_CELL", 5), 5)
# How often an officer may count people while no crisis is open.
CALM_COUNTS_PER_HOUR = env_int("CALM_COUNTS_PER_HOUR", 120)

# What a program that gathers the metrics must show; without it there are none.
METRICS_TOKEN = env_secret("METRICS_TOKEN", mode=PORTAL_MODE, default="", required=False)

# How long a stay is kept after its last day: 2 days to 18 months.
STAY_RETENTION_DAYS = env_days("STAY_RETENTION_DAYS", 30, least=2, most=548)

# Headers.
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": browsers then send `Origin: null` with every form, which the check against
# forged requests refuses. No other site learns anything from either.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env_flag("SECURE_SSL_REDIRECT", default=True)
    # Asked from inside, without the proxy that speaks TLS.
    SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]
    if TRUSTED_PROXIES:
        # Without a proxy that sets it, any caller could say that the line is encrypted.
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = logging_to_console(env("LOG_LEVEL", "INFO"))
