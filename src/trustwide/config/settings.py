"""Every setting of the site. Change them by environment variables TRUSTWIDE_* (and DATABASE_URL), never by editing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from trustwide.config import environment

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

HOME = Path(environment.text("HOME", ".trustwide")).resolve()
ALLOWED_HOSTS = list(environment.words("HOSTS", LOCAL_HOSTS))
# a name that other people can reach turns on every production rule
DEPLOYED = not set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)
DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret_key(HOME, deployed=DEPLOYED)

INSTALLED_APPS = [
    "trustwide.web",
    "trustwide.demo",
    "trustwide.services.imaging",
    "trustwide.services.improvement",
    "trustwide.commons.measures",
    "trustwide.commons.patients",
    "trustwide.commons.accounts",
    "trustwide.commons.organisations",
    "trustwide.commons.audit",
    "trustwide.commons.nhsuk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "trustwide.commons.nhsuk.middleware.content_security_policy",
    "trustwide.exchange.api.middleware.errors_as_json",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trustwide.commons.accounts.middleware.whole_page_sign_in",
    # deny by default: a view is open only where it says so itself
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trustwide.web.middleware.nothing_at_nul",
]

ROOT_URLCONF = "trustwide.config.urls"
WSGI_APPLICATION = "trustwide.config.wsgi.application"

CONTEXT_PROCESSORS = [
    "django.contrib.messages.context_processors.messages",
    "trustwide.web.navigation.navigation",
    "trustwide.web.saved_views.saved_views",
]
TEMPLATES = [
    {
        "BACKEND": "trustwide.commons.nhsuk.jinja.NhsukTemplates",
        "NAME": "nhsuk",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "trustwide.commons.nhsuk.jinja.environment",
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
    # only for templates that come with packages
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}},
]

# DATABASE ------------------------------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL", "").strip()
    chosen: dict[str, Any] = dict(
        dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
        if url
        else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(HOME / "trustwide.sqlite3")}
    )
    if chosen["ENGINE"].endswith("sqlite3"):
        Path(chosen["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        chosen["OPTIONS"] = SQLITE_OPTIONS
    return chosen


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# where `trustwide lake` publishes the rows of measures as Parquet files
LAKE = Path(environment.text("LAKE", str(HOME / "lake"))).resolve()

# One cache in each process: sign-in limits hold over all its threads. With several server processes each keeps its
# own count, so `trustwide serve` starts one process with many threads unless told otherwise.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# PATIENTS ------------------------------------------------------------------------------------------------------------

# names, numbers and addresses are kept only where patients are booked live; extracts for planning are hashed
LIVE_BOOKING = environment.flag("LIVE_BOOKING", default=False)
PATIENT_KEY = environment.kept_key(HOME, "PATIENT_KEY", "patient_key", deployed=DEPLOYED)

# MESSAGES TO PATIENTS ------------------------------------------------------------------------------------------------

# where patients reach this site: links in messages begin with it
PUBLIC_ADDRESS = environment.text("PUBLIC_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
BOOKING_PHONE = environment.text("BOOKING_PHONE", "the hospital's main number")
# folder writes each message as a file; webhook posts text messages to SMS_URL, smtp sends e-mail
SMS_BY = environment.choice("SMS_BY", ("folder", "webhook"), default="folder")
SMS_URL = environment.text("SMS_URL")
SMS_SECRET = environment.text("SMS_SECRET")  # signs what is posted both ways; without it no reply is taken
EMAIL_BY = environment.choice("EMAIL_BY", ("folder", "smtp"), default="folder")
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.number("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = environment.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", f"trustwide@{urlsplit(PUBLIC_ADDRESS).hostname or 'localhost'}")
# a time freed so many hours ahead is offered to so many patients at once, who have so many day-time hours to answer
FREED_NOTICE_HOURS = environment.number("FREED_NOTICE_HOURS", 24, least=1)
FREED_OFFERS_AT_ONCE = environment.number("FREED_OFFERS_AT_ONCE", 3, least=1)
FREED_ANSWER_HOURS = environment.number("FREED_ANSWER_HOURS", 4, least=1)
FREED_CHAIN = environment.number("FREED_CHAIN", 5, least=1)  # freed times that follow from one another

# PEOPLE --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "trustwide.commons.accounts.sign_in.AccountAdapter"
ACCOUNT_TEMPLATE_EXTENSION = "jinja"
ACCOUNT_FORMS = {"login": "trustwide.commons.accounts.forms.SignInForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password_from_key": "20/m/ip",
}
PASSWORD_RESET_TIMEOUT = 24 * 3600
MFA_ADAPTER = "trustwide.commons.accounts.sign_in.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Trustwide"

# One OpenID Connect provider, such as the trust's own directory.
OIDC_ISSUER = environment.text("OIDC_ISSUER").rstrip("/")
OIDC_DOMAINS = tuple(domain.lower().lstrip("@") for domain in environment.words("OIDC_DOMAINS"))
OIDC_NAME = environment.text("OIDC_NAME", "your organisation's account")
SOCIALACCOUNT_ADAPTER = "trustwide.commons.accounts.sign_in.OidcAdapter"
SOCIALACCOUNT_PROVIDERS = environment.openid_connect(OIDC_ISSUER, OIDC_NAME)

# SAFETY OF THE CONNECTION --------------------------------------------------------------------------------------------

HTTPS = environment.flag("HTTPS", default=DEPLOYED)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# one proxy of ours in front, which sets X-Forwarded-Proto and X-Forwarded-For
BEHIND_PROXY = environment.flag("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = environment.number("SESSION_HOURS", 10, least=1) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if "*" not in host] if HTTPS else []
CSRF_FAILURE_VIEW = "trustwide.web.views.form_expired"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# a sign-in form is posted to us and then sent on to the identity provider
CSP_FORM_ACTION = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))] if OIDC_ISSUER else []
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# of the JSON API: by one token or person; one address gets four times as many
API_CALLS_A_MINUTE = environment.number("API_CALLS_A_MINUTE", 300, least=1)

# LANGUAGE AND TIME ---------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# STATIC FILES --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# in production `trustwide serve` gathers and fingerprints them here; elsewhere they are served from where they lie
STATIC_ROOT = HOME / "static" if DEPLOYED else None
if STATIC_ROOT:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = not DEPLOYED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if DEPLOYED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# BACKGROUND JOBS -----------------------------------------------------------------------------------------------------

# queue leaves jobs to `trustwide worker`; thread runs them beside the server; now runs them before the page answers
JOBS = environment.choice("JOBS", ("queue", "thread", "now"), default="queue" if DEPLOYED else "thread")
Q_CLUSTER = {
    "name": "trustwide",
    "orm": "default",
    "workers": environment.number("JOB_WORKERS", 1, least=1),
    "timeout": 3600,
    "retry": 3900,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "bulk": 1,
    "poll": 1,
    "save_limit": 1000,
}

# LOGS ----------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "trustwide.config.logs.NoValuesFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING").upper()},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
