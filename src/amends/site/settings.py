"""Settings: closed by default, strict about what they are told.

Everything is read from `AMENDS_*` variables; a value that cannot be understood stops the start with
a sentence. Secrets are made on the first run in the data directory (mode 600), never defaulted.
`docs/operator/settings.md` describes each variable; a test fails if one is missing there.
"""

from __future__ import annotations

import os
from pathlib import Path

from amends.platform.environment.operator import operator_from_environment
from amends.platform.environment.settings_values import (
    addresses,
    allowed_hosts,
    breached_passwords,
    chosen_pack,
    customer_languages,
    data_dir,
    database,
    day,
    destinations,
    flag,
    folders,
    hosts,
    keep_kernels,
    measure,
    number,
    own_pack,
    pack_defaults,
    secret_key,
    socket_address,
    text,
    time_zone,
    web_address,
)
from amends.site.installed import APPS
from amends.site.single_sign_on import single_sign_on
from amends.site.speed_url import speed_url
from amends.site.traces_url import traces_url

# Whatever Amends writes is for the person alone under whom it runs.
os.umask(0o077)
DATA_DIR = data_dir()
keep_kernels()
SECRET_KEY = secret_key(DATA_DIR)
DEBUG = False
TESTING = flag("AMENDS_TESTING", default=False)
ALLOWED_HOSTS = allowed_hosts()
LOOPBACK_ONLY = set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]", "testserver"}
# Written by `amends demo` into the data directory that it makes; see `amends_demo.delivery`.
DEMONSTRATION_FILE = DATA_DIR / "demonstration.json"
CSRF_TRUSTED_ORIGINS = hosts("AMENDS_TRUSTED_ORIGINS", default="")
# How many proxies of our own stand in front: a visitor's address is that many steps back.
TRUSTED_PROXIES = int(text("AMENDS_TRUSTED_PROXIES", default="0", choices=("0", "1", "2", "3")))
# How often one network address may make a message leave, an hour; three times that in a day.
SENDS_AN_HOUR = number("AMENDS_SENDS_AN_HOUR", default=20, low=5, high=10_000)
# The socket of a scanner for malware (ClamAV's clamd): HOST:PORT or /path; "" for none.
SCANNER = socket_address("AMENDS_SCANNER")
# The second opinion on classes, where the extra amends[semantic] is installed.
SEMANTIC = flag("AMENDS_SEMANTIC", default=True)
# Whether colleagues are sent a mail when somebody mentions them or assigns them a case.
NOTIFY_STAFF_BY_MAIL = flag("AMENDS_NOTIFY_STAFF_BY_MAIL", default=False)
# The email address that learns which numbers were blocked: their operators, or who forwards it.
BLOCK_NOTICES_TO = text("AMENDS_BLOCK_NOTICES_TO", default="")
# The number to which people forward messages; it may be a name, to which no message can be sent.
SMS_FROM = text("AMENDS_SMS_FROM", default="")
# Numbers of the operator, and others it names, that no report and no person can block.
NEVER_BLOCKED = [
    sender
    for sender in (
        SMS_FROM,
        *text("AMENDS_NEVER_BLOCKED", default="").split(","),
    )
    if sender.strip()
]
# Where people may have messages sent to, in addition to ordinary numbers of the own country.
SEND_TO = destinations("AMENDS_SEND_TO")
# Daily number of new addresses to which one person may have messages sent.
NEW_CONTACTS_A_DAY = number("AMENDS_NEW_CONTACTS_A_DAY", default=5, low=1, high=1_000)
# Without the variable the address on the page of settings applies (`public_address()`).
BASE_URL = web_address("AMENDS_BASE_URL", default="http://localhost:8000")
BASE_URL_IS_SET = bool(text("AMENDS_BASE_URL", default=""))
OPERATOR = operator_from_environment()

INSTALLED_APPS = [
    *APPS,
    # Its pages are looked for by the addresses, so that a command does not wait for them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_htmx",
]

MIDDLEWARE = [
    "amends.operations.web.request_metrics.RequestMetrics",
    "amends.site.tracing.Traced",
    "amends.people.access.actions.security_log.LogRefusals",
    "django.middleware.security.SecurityMiddleware",
    "amends.site.middleware.ContentSecurityPolicy",
    # What follows serves pages only.
    "amends.platform.database.once_per_request.OncePerRequest",
    "amends.site.middleware.StraightToInterface",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "amends.site.middleware.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "amends.people.access.web.session_limits.SessionLimits",
    "allauth.account.middleware.AccountMiddleware",
    "amends.people.access.web.require_mfa.RequireMfa",
    "amends.people.access.actions.initial_passwords.RequireOwnPassword",
    "django_htmx.middleware.HtmxMiddleware",
    "amends.site.middleware.WordedMethodNotAllowed",
    "amends.site.middleware.PartsInUse",
]

ROOT_URLCONF = "amends.site.urls"
WSGI_APPLICATION = "amends.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.User"
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amends.site.context.site",
            ],
        },
    }
]

DATABASES = {"default": database(DATA_DIR)}
# Shared by all processes of a machine: a lock-out that each process counts for itself is none.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(DATA_DIR / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
] + [
    {"NAME": "amends.people.access.web.passwords.GuessablePasswordValidator"},
    {"NAME": "amends.people.access.web.passwords.BreachedPasswordValidator"},
]
BREACHED_PASSWORDS = breached_passwords()
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "change_password": "amends.people.access.actions.initial_passwords.OwnPasswordForm"
}
ACCOUNT_ADAPTER = "amends.people.access.web.signin.ClosedAccounts"
# Five wrong passwords from one address delay that address under that name for five minutes; one
# address may fail ten times a minute. The pair first: refused tries do not count for the address.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,10/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SIGN_ON = single_sign_on()
SOCIALACCOUNT_PROVIDERS = SIGN_ON.providers
# Who signs in by no provider waits at no command for what speaks to one.
if SIGN_ON.asked_for or TESTING:
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
SOCIALACCOUNT_ADAPTER = "amends.people.access.oidc.adapter.PeopleOfTheProvider"
SOCIALACCOUNT_STORE_TOKENS = False
# The way out starts at the provider's own page, and `form-action` lets no form lead there.
SOCIALACCOUNT_LOGIN_ON_GET = True
# Joining an account here with one there wants the password once more.
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
AMENDS_CLAIM_RULES = SIGN_ON.claim_rules
AMENDS_SECOND_FACTOR_BY = SIGN_ON.second_factor_by
AMENDS_LOCAL_SIGN_IN = SIGN_ON.local_sign_in
AMENDS_REQUIRE_MFA = flag("AMENDS_REQUIRE_MFA", default=True)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "amends.people.access.web.signin.SealedFactors"
MFA_TOTP_ISSUER = "Amends"
# A code counts for its own 30 seconds (ASVS 6.5.5).
MFA_TOTP_TOLERANCE = 0

JURISDICTION = own_pack()
JURISDICTION_CHOSEN = bool(chosen_pack())
PACK_ZONE, PACK_LANGUAGE, PACK_CUSTOMER_LANGUAGES = pack_defaults(JURISDICTION)
LANGUAGE_CODE = text("AMENDS_LANGUAGE", default=PACK_LANGUAGE, choices=("zh-hans", "en"))
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
CUSTOMER_LANGUAGES = customer_languages(default=PACK_CUSTOMER_LANGUAGES, pages=LANGUAGE_CODE)
TIME_ZONE = time_zone("AMENDS_TIME_ZONE", default=PACK_ZONE)
# Off unless the operator says so: what is forgotten does not come back.
RETENTION_DAILY = flag("AMENDS_RETENTION_DAILY", default=False)
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["amends.site.formats"]
OUTCOME_AFTER_DAYS = number("AMENDS_OUTCOME_AFTER_DAYS", default=28, low=1, high=180)
FALSE_ISSUES_A_WEEK = measure("AMENDS_FALSE_ISSUES_A_WEEK", default="1", minimum=0.01, maximum=50)

STATIC_URL = "/static/"
STATIC_ROOT = Path(text("AMENDS_STATIC_ROOT", default=str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "amends.site.statics.OwnFiles"},
}
MEDIA_ROOT = DATA_DIR / "files"
ERASURES_FILE = Path(text("AMENDS_ERASURES_FILE", default=str(DATA_DIR / "erasures.jsonl")))
BACKUP_EXPECTED = flag("AMENDS_BACKUP_EXPECTED", default=False)
DISKS = folders("AMENDS_DISKS")
USAGE_DIR = Path(text("AMENDS_USAGE_DIR", default=str(DATA_DIR / "usage")))
NETWORK_DIR = Path(text("AMENDS_NETWORK_DIR", default=str(DATA_DIR / "network")))

# A plain-HTTP installation is only accepted on loopback; everywhere else TLS is required.
INSECURE_LOOPBACK = flag("AMENDS_PLAIN_HTTP", default=LOOPBACK_ONLY)
SECURE_SSL_REDIRECT = not INSECURE_LOOPBACK
# The interfaces refuse plain HTTP themselves (`StraightToInterface`).
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^tmf-api/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if not INSECURE_LOOPBACK else None
SECURE_HSTS_SECONDS = 0 if INSECURE_LOOPBACK else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_LOOPBACK
SECURE_HSTS_PRELOAD = not INSECURE_LOOPBACK
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE_LOOPBACK
SESSION_COOKIE_HTTPONLY = True
# Browsers take a cookie of such a name over HTTPS only, from this host alone, with the path /.
COOKIE_PREFIX = "" if INSECURE_LOOPBACK else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}amends_language"
LARGE_TYPE_COOKIE = f"{COOKIE_PREFIX}amends_large"
SESSION_ENGINE = "amends.people.access.web.sessions"
SESSION_COOKIE_AGE = 3600 * number("AMENDS_SESSION_HOURS", default=8, low=1, high=24)
# Without a request for so long, somebody who works here is signed out.
SESSIONS_AT_ONCE = number("AMENDS_SESSIONS_AT_ONCE", default=3, low=1, high=20)
SESSION_IDLE_S = 60 * number("AMENDS_SESSION_IDLE_MINUTES", default=30, low=5, high=480)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "amends.site.web.errors.form_expired"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# No upload ever becomes a temporary file: what somebody sends may be their identity card.
FILE_UPLOAD_HANDLERS = ["amends.entrances.portals.public.uploads.InMemoryUpToTheLimit"]
FILE_UPLOAD_PERMISSIONS = 0o600

TRACES_URL = traces_url()
SPEED_URL = speed_url()
PROMETHEUS_FILE = text("AMENDS_PROMETHEUS_FILE", default="")

# /.well-known/security.txt; there is none without a contact and an end.
SECURITY_CONTACTS = addresses("AMENDS_SECURITY_CONTACT", schemes=("https", "mailto", "tel"))
SECURITY_EXPIRES = day("AMENDS_SECURITY_EXPIRES")
SECURITY_POLICY = addresses("AMENDS_SECURITY_POLICY", schemes=("https",))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "amends.site.logs.JsonWithoutPersonalData"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": text("AMENDS_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Sign-ins are told whatever the level of the rest.
        "amends.security": {"handlers": [], "level": "INFO", "propagate": True},
    },
}

os.environ.setdefault("POLARS_MAX_THREADS", "2")
