"""Every setting, from the environment, with defaults that run on a laptop.

Read by three helpers that fail loudly: `env` (django-environ), `redis_url` and `production`.
"""

from datetime import time, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var").resolve()

# --- Where this runs -------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Tracked links live on a host of their own, so that a link can never touch a session cookie.
LINK_BASE_URL = env.str("LINK_BASE_URL", default="http://127.0.0.1:8001").rstrip("/")
# Further hosts that lead to the same links: an old domain, another country's. Compared whole.
LINK_HOSTS = [host.lower() for host in env.list("LINK_HOSTS", default=[])]
if strange := [host for host in LINK_HOSTS if {"*", "/", "@"} & set(host)]:
    raise ImproperlyConfigured(f"LINK_HOSTS takes names, such as go.example.com: {strange}")
HTTPS = urlsplit(BASE_URL).scheme == "https"
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
LOCAL = (
    urlsplit(BASE_URL).hostname in LOCAL_HOSTS
    and set(env.list("ALLOWED_HOSTS", default=[])) <= LOCAL_HOSTS
)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not LOCAL:
        raise ImproperlyConfigured("SECRET_KEY is not set: at least 50 random characters.")
    SECRET_KEY = "for-this-machine-only-" + "0123456789abcdef" * 3
# Older ones, still believed for a while: what they signed (links in mails, click ids) stays good.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname])
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS may not be '*': mails and redirects trust it.")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- The organisation ------------------------------------------------------------------------
ORGANISATION = env.str("ORGANISATION", default="Orvaly")
# Only these domains may be enrolled as employees. Compared whole, never as a suffix.
EMPLOYEE_DOMAINS = env.list("EMPLOYEE_DOMAINS", default=["orvaly.example", "orvaly-france.example"])
HELP_EMAIL = env.str("HELP_EMAIL", default="ambassadeurs@orvaly.example")
# Nothing about fewer people than this is ever shown: pages, exports and mails alike.
MINIMUM_GROUP = env.int("MINIMUM_GROUP", default=5)
if MINIMUM_GROUP < 5:
    raise ImproperlyConfigured("MINIMUM_GROUP may not go below 5: people would be recognised.")
# Single clicks, and how many there were each hour. What was counted by the day stays.
RAW_CLICKS_DAYS = env.int("RAW_CLICKS_DAYS", default=90)
if not 7 <= RAW_CLICKS_DAYS <= 761:
    raise ImproperlyConfigured("RAW_CLICKS_DAYS is between 7 and 761, which is 25 months.")
# How long each kind of data is kept; what was counted stays. Read by the rules of retention.
KEEP_DAYS = {
    "notifications": env.int("KEEP_NOTIFICATIONS_DAYS", default=180),
    "invitations": env.int("KEEP_INVITATIONS_DAYS", default=180),
    "sign_ups": env.int("KEEP_SIGN_UPS_DAYS", default=180),
    "shares": env.int("KEEP_SHARES_DAYS", default=731),
    "declines": env.int("KEEP_DECLINES_DAYS", default=731),
    "looks": env.int("KEEP_LOOKS_DAYS", default=365),
    "devices": env.int("KEEP_DEVICES_DAYS", default=180),
    # What went to channels and webhooks, with each attempt.
    "deliveries": env.int("KEEP_DELIVERIES_DAYS", default=30),
    # After the day somebody leaves the company.
    "leavers": env.int("KEEP_LEAVERS_DAYS", default=30),
    # That somebody was erased, and what they had agreed to: five years.
    "erasures": env.int("KEEP_ERASURES_DAYS", default=1827),
}
if hurried := [name for name, days in KEEP_DAYS.items() if days < 1]:
    raise ImproperlyConfigured(f"Nothing is kept for less than a day: {hurried}")
# How long a person who asked to be erased may change their mind.
ERASURE_UNDO_DAYS = env.int("ERASURE_UNDO_DAYS", default=7)
# Who was erased, as marks. Outside the database: a restored backup would have forgotten it.
ERASURE_LOG = Path(env.str("ERASURE_LOG", default=str(VAR / "erased.jsonl")))
INVITATION_DAYS = 14
# Whether people whom the company's directory (SCIM) brings are invited at once; else HR does.
SCIM_INVITES = env.bool("SCIM_INVITES", default=False)
SCIM_CALLS_PER_MINUTE = env.int("SCIM_CALLS_PER_MINUTE", default=3000)
# How long a launch can be taken back before anybody hears of it.
LAUNCH_UNDO = timedelta(minutes=env.int("LAUNCH_UNDO_MINUTES", default=10))
# When nobody is written to who did not choose hours of their own; their weekends and holidays are
# kept too. Empty: a company that works around the clock.
QUIET_HOURS = env.str("QUIET_HOURS", default="18:00-07:30")
if QUIET_HOURS:
    try:
        QUIET_HOURS = tuple(time.fromisoformat(part.strip()) for part in QUIET_HOURS.split("-"))
    except ValueError:
        raise ImproperlyConfigured("QUIET_HOURS is like 18:00-07:30, or empty.") from None
    if len(QUIET_HOURS) != 2:
        raise ImproperlyConfigured("QUIET_HOURS has a beginning and an end: 18:00-07:30.")
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=20 * 2**20)
# Where the HR system may leave its list for the import of every day; without it, only addresses.
IMPORT_FOLDER = env.str("IMPORT_FOLDER", default="")
IMAGE_MAX_BYTES = env.int("IMAGE_MAX_BYTES", default=8 * 2**20)
# Hosts (or host:port) that may be read although they lie inside the company's network.
FETCH_ALLOWED_HOSTS = env.list("FETCH_ALLOWED_HOSTS", default=[])

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_cotton",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "activity",
    "ambassadors",
    "campaigns",
    "demo",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # The length of a page tells nothing of its secrets (BREACH): it is padded at random, tokens are
    # masked anew each time, and with SameSite=Lax no other page can ask for ours again and again.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.privacy_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.origin",
    "config.kept.LoginRequired",
    "config.middleware.own_language_and_time",
    "config.kept.last_person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.confirming.Confirming",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
        },
    }
]
COTTON_DIR = "cotton"

# --- Data ------------------------------------------------------------------------------------
DATABASES = {
    "default": env.db_url(
        "DATABASE_URL", default=f"postgres://porte_voix@/porte_voix?host={quote(str(VAR), safe='')}"
    )
}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default=f"unix://{VAR}/valkey.sock?db=0")


def redis_url(db):
    """The REDIS_URL with another database number: 0 tasks, 1 cache, 2 clicks."""
    parts = urlsplit(REDIS_URL)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query)) | {"db": db}
        # Not urlunsplit: it writes `unix:/path`, which redis-py does not read.
        return f"unix://{parts.path}?{urlencode(query)}"
    if parts.scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://")
    return urlunsplit(parts._replace(path=f"/{db}"))


# A server of its own, where clicks are many: what else is in Redis may then be slow, or away.
CLICKS_REDIS_URL = env.str("CLICKS_REDIS_URL", default="") or redis_url(2)
# Where clicks wait, on this machine's disk, while Redis is away.
CLICK_SPOOL = Path(env.str("CLICK_SPOOL", default=str(VAR / "spool")))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url(1),
        "KEY_PREFIX": "pv",
    }
}

# --- Celery ----------------------------------------------------------------------------------
# The database is the truth; a message is only a wake-up. So: no result backend, no ETA beyond a
# minute, one row id as argument, late acknowledgement, and a sweep that finds what the broker lost.


def broker_url():
    """Celery spells a unix socket its own way."""
    parts = urlsplit(redis_url(0))
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host=0"
    return redis_url(0)


CELERY_BROKER_URL = broker_url()
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 15,
} | ({} if CELERY_BROKER_URL.startswith("redis+socket") else {"socket_keepalive": True})
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULER = "activity.clock.beat:Scheduler"
# Whoever is slow holds up only their own kind: mail servers, other companies' hosts, the clicks,
# and what takes minutes and nobody waits for. The rest ticks in `default`.
TASKS_OF = {
    "mail": ["activity.tasks.send_due", "activity.tasks.deliver"],
    "push": ["activity.transports.push*"],
    "hooks": ["activity.endpoints.*"],
    "ingest": [
        "campaigns.tasks.settle_conversions",
        "campaigns.tasks.drop_old_salts",
        "campaigns.tasks.drop_old_clicks",
        "campaigns.tasks.drop_old_conversions",
        "campaigns.tasks.ensure_partitions",
        "campaigns.tasks.recheck_clicks",
    ],
    "reports": [
        "ambassadors.directory.imports.*",
        "ambassadors.enrolment.importing.*",
        "ambassadors.tasks.carry_out",
        "ambassadors.audit.tasks.check_trail",
        "ambassadors.tasks.erase_due",
        "ambassadors.tasks.make_export",
        "campaigns.tasks.check_links",
        "campaigns.tasks.count_heads",
        "campaigns.tasks.read_source",
        "campaigns.tasks.send_due_reports",
        "campaigns.tasks.sweep_pictures",
    ],
}
CELERY_TASK_ROUTES = {task: {"queue": queue} for queue, tasks in TASKS_OF.items() for task in tasks}

# --- Mail ------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:8025"))
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{ORGANISATION} <{HELP_EMAIL}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where reports of undelivered mail go: returns@mail.example.com, or returns+{id}@mail.example.com
# where that host sorts by what follows the plus. Empty: to the address mails are from.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
# The mailbox they wait in, read every five minutes: imaps://user:password@host:993/INBOX.
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", default="")
# What whoever posts a report to /returns/ must show; without it nobody can.
BOUNCE_TOKEN = env.str("BOUNCE_TOKEN", default="")
if 0 < len(BOUNCE_TOKEN) < 32:
    raise ImproperlyConfigured("BOUNCE_TOKEN is too short to be a secret: 32 characters at least")
# Under which names the mail server's DKIM keys may stand in the DNS.
DKIM_SELECTORS = env.list(
    "DKIM_SELECTORS",
    default=["default", "mail", "selector1", "selector2", "s1", "s2", "google", "dkim", "k1"],
)
# Asked about our own domain; the machine's own servers when it is empty. As 9.9.9.9 or [::1]:5353.
DNS_SERVERS = env.list("DNS_SERVERS", default=[])

# --- Languages and time ----------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
# As a list offers them: small within a French sentence, a name begins a line with a capital.
LANGUAGE_CHOICES = [(code, capfirst(name)) for code, name in LANGUAGES]
# What <html lang> says: the French is Québec's, and so are its dates (config/formats).
HTML_LANG = {"fr": "fr-CA", "en": "en-CA"}
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Montreal")
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Accounts --------------------------------------------------------------------------------
AUTH_USER_MODEL = "ambassadors.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "ambassadors.accounts.policy.PolicyBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "ambassadors.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_CHANGE_EMAIL = False
# The address is the company's to change: a private one would outlive the employment.
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Beside allauth's own: who asks to come in by a link, and how often one mailbox is written to.
# A whole office shares one address: by address is wide, by account is narrow (docs/accounts.md).
LOGINS_PER_MINUTE = env.int("LOGINS_PER_MINUTE", default=120)
ACCOUNT_RATE_LIMITS = {
    "login": f"{LOGINS_PER_MINUTE}/m/ip",
    "login_failed": f"{LOGINS_PER_MINUTE // 4}/m/ip,5/5m/key",
    "request_login_code": f"{LOGINS_PER_MINUTE}/m/ip,3/m/key",
    "confirm_code_mail": "3/m/user,10/h/user",
    "sign_up_form": "20/m/ip",
    "sign_up_mail": "3/h/key",
}
# How long it holds that somebody has just shown who they are (ambassadors/accounts/stepup.py).
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Those who run the programme set up a second step before they do anything else.
SECOND_STEP_REQUIRED = env.bool("SECOND_STEP_REQUIRED", default=True)
MFA_ADAPTER = "ambassadors.accounts.second_step.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": f"{LOGINS_PER_MINUTE}/m/ip"}
# A key alone is found or stolen: it asks for a finger, a face or a PIN each time.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Porte-voix"
# The code before and the one after: a telephone's clock is not quite ours.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"add_webauthn": "ambassadors.accounts.security_forms.PasskeyForm"}
USERSESSIONS_TRACK_ACTIVITY = False
# Single sign-on. Who is let in is decided in ambassadors/accounts/sso, whatever allauth would do.
SOCIALACCOUNT_ADAPTER = "ambassadors.accounts.sso.door.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "ambassadors.accounts.sso.openid.OpenID"}
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False

# --- Security --------------------------------------------------------------------------------
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS and not env.bool("TLS_ENDS_AT_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.int("TRUSTED_PROXY_COUNT", default=0) else None
)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
# Keeps our own files and one page for when there is no connection (config/worker.py).
SERVICE_WORKER = env.bool("SERVICE_WORKER", default=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR / "media")))
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What HR uploads is nobody's to download: no URL leads here.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.str("PRIVATE_ROOT", default=str(VAR / "private"))},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Logs ------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
