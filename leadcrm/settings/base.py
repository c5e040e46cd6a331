"""Settings of every real run. Secrets and addresses come from the environment only."""

import os
from pathlib import Path

from leadcrm.live.addresses import stream_origins
from leadcrm.settings.connections import broker_transport, database_config

ROOT = Path(__file__).resolve().parent.parent.parent

DEBUG = os.environ.get("LEADCRM_DEBUG", "0") == "1"
SECRET_KEY = os.environ["LEADCRM_SECRET_KEY"]
LEADCRM_MASTER_KEY = os.environ["LEADCRM_MASTER_KEY"]
#: Who wraps the tenants' keys instead of the master key: the address of a transit engine, its key, token, authority.
LEADCRM_KEY_SERVICE = os.environ.get("LEADCRM_KEY_SERVICE", "")
LEADCRM_KEY_SERVICE_KEY = os.environ.get("LEADCRM_KEY_SERVICE_KEY", "leadcrm")
LEADCRM_KEY_SERVICE_TOKEN = os.environ.get("LEADCRM_KEY_SERVICE_TOKEN", "")
LEADCRM_KEY_SERVICE_CA = os.environ.get("LEADCRM_KEY_SERVICE_CA", "")
LEADCRM_BASE_URL = os.environ.get("LEADCRM_BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
LEADCRM_DEMO = os.environ.get("LEADCRM_DEMO", "0") == "1"
LEADCRM_METRICS_TOKEN = os.environ.get("LEADCRM_METRICS_TOKEN", "")
#: Where the ends of the audit chains are written down each hour, best on storage that cannot be rewritten. "": the log.
LEADCRM_ANCHOR_FILE = os.environ.get("LEADCRM_ANCHOR_FILE", "")
#: So many leads opened by one person within ten minutes are unusual.
LEADCRM_UNUSUAL_OPENS = int(os.environ.get("LEADCRM_UNUSUAL_OPENS", "300"))
LEADCRM_BEHIND_TLS = os.environ.get("LEADCRM_BEHIND_TLS", "0") == "1"
# Addresses or networks of our own proxies, with commas; of them alone `X-Forwarded-For` is believed.
LEADCRM_TRUSTED_PROXIES = os.environ.get("LEADCRM_TRUSTED_PROXIES", "")
ALLOWED_HOSTS = os.environ.get("LEADCRM_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
# A path behind the same proxy ("/live/"), or a port and a path (":8001/live/"); empty: pages only ask by themselves.
LEADCRM_LIVE_URL = os.environ.get("LEADCRM_LIVE_URL", "")
_SCHEME = "https" if LEADCRM_BEHIND_TLS else "http"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "guardian",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "apps.tenancy",
    "apps.audit",
    "apps.accounts",
    "apps.privacy",
    "apps.catalog",
    "apps.policies",
    "apps.leads",
    "apps.consent",
    "apps.ownership",
    "apps.sla",
    "apps.exceptions",
    "apps.handoffs",
    "apps.relationships",
    "apps.capture",
    "apps.identity",
    "apps.qualification",
    "apps.routing",
    "apps.outreach",
    "apps.appointments",
    "apps.flows",
    "apps.chat",
    "apps.patients",
    "apps.partners",
    "apps.connectors",
    "apps.quality",
    "apps.imports",
    "apps.workspace",
    "apps.reporting",
    "apps.playbook",
    "apps.compliance",
    "apps.onboarding",
]

MIDDLEWARE = [
    "leadcrm.http.proxies.TrustedProxyMiddleware",
    "leadcrm.http.middleware.RequestIdMiddleware",
    "leadcrm.http.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "leadcrm.http.limits.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "leadcrm.http.sessions.SessionLimitsMiddleware",
    "leadcrm.http.sessions.SecondFactorMiddleware",
    "leadcrm.http.actor.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "leadcrm.urls"
WSGI_APPLICATION = "leadcrm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leadcrm.http.context.shell",
            ],
        },
    },
]

_ROLE = os.environ.get("LEADCRM_ROLE", "runtime")
DATABASES = {
    "default": database_config(os.environ["DATABASE_OWNER_URL" if _ROLE == "owner" else "DATABASE_URL"]),
}
LEADCRM_RUNTIME_ROLE = os.environ.get("LEADCRM_RUNTIME_ROLE", "leadcrm_app")
LEADCRM_MARKETING_ROLE = os.environ.get("LEADCRM_MARKETING_ROLE", "leadcrm_marketing")
LEADCRM_OWNER_RUN = _ROLE == "owner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspace:my_work"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "apps.accounts.adapter.StaffAccountAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": False}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "leadcrm"
# Six digits read at the end of their half minute arrive in the next one: one step back counts (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "apps.accounts.adapter.SealedMfaAdapter"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "apps.accounts.sign_ins.address_tried"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_SECONDS = int(os.environ.get("LEADCRM_SESSION_IDLE_SECONDS", "900"))
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "leadcrm.http.pages.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LEADCRM_BEHIND_TLS
if LEADCRM_BEHIND_TLS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# http://127.0.0.1 pages post to themselves; nothing else may be loaded, framed or posted to.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *stream_origins(LEADCRM_LIVE_URL, scheme=_SCHEME, hosts=ALLOWED_HOSTS)],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("LEADCRM_STATIC_ROOT", ROOT / ".data" / "static"))
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

EMAIL_BACKEND = os.environ.get("LEADCRM_EMAIL_BACKEND", "apps.outreach.mail.LocalOutboxBackend")
EMAIL_HOST = os.environ.get("LEADCRM_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("LEADCRM_SMTP_PORT", "25"))
EMAIL_TIMEOUT = 10
EMAIL_OUTBOX_DIR = Path(os.environ.get("LEADCRM_OUTBOX_DIR", ROOT / ".data" / "outbox"))
TEXT_SENDER = os.environ.get("LEADCRM_TEXT_SENDER", "apps.outreach.texts.LocalTexts")
TWILIO_ACCOUNT = os.environ.get("LEADCRM_TWILIO_ACCOUNT", "")
TWILIO_TOKEN = os.environ.get("LEADCRM_TWILIO_TOKEN", "")
DEFAULT_FROM_EMAIL = os.environ.get("LEADCRM_FROM_EMAIL", "intake@leadcrm.example")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["leadcrm.http.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["leadcrm.http.authentication.HasActor"],
    "DEFAULT_RENDERER_CLASSES": ["leadcrm.http.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["leadcrm.http.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "leadcrm.http.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "leadcrm API",
    "DESCRIPTION": "Deliver leads, read verdicts, work leads. Errors are RFC 9457 problem documents.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "APPEND_COMPONENTS": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "SECURITY": [{"bearer": []}],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

CELERY_BROKER_URL = os.environ["REDIS_URL"]
CELERY_BROKER_TRANSPORT_OPTIONS = broker_transport()
LEADCRM_SWEEP_SECONDS = 5.0

SILENCED_SYSTEM_CHECKS = ["guardian.W001", "account.W001"]
UNFOLD = {
    "SITE_TITLE": "leadcrm",
    "SITE_HEADER": "leadcrm",
    "SITE_SYMBOL": "local_hospital",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COMMAND": {"search_models": False, "show_history": False},
}

LOGGING_CONFIG = "leadcrm.logs.configure"
LOGGING = {"version": 1}
