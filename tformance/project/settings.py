"""Settings of every process; what differs between machines comes from the environment."""

import sys

from cryptography.fernet import Fernet
from kombu.entity import Queue

from tformance.core import log, reach, reports
from tformance.core.secrets import KeyRing
from tformance.project import environment, paths
from tformance.project.schedule import SCHEDULE

DATA_DIR = paths.data()
FRONTEND_DIST = paths.FRONTEND / "dist"

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.kept_secret("SECRET_KEY", DATA_DIR / "secret_key")
# Seals the credentials of connections; newest key first, so that keys can be exchanged one after the other.
MASTER_KEYS = environment.kept_secret("MASTER_KEYS", DATA_DIR / "master.key", lambda: Fernet.generate_key().decode())
KEY_RING = KeyRing([key.strip() for key in MASTER_KEYS.split(",") if key.strip()])
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
# An OAuth App of the operator's own, for who cannot install a GitHub App.
GITHUB_OAUTH_CLIENT_ID = environment.text("GITHUB_OAUTH_CLIENT_ID")
GITHUB_OAUTH_CLIENT_SECRET = environment.text("GITHUB_OAUTH_CLIENT_SECRET")
GITHUB_OAUTH_API_URL = environment.text("GITHUB_OAUTH_API_URL", "https://api.github.com").rstrip("/")
HOST = environment.text("HOST", "127.0.0.1")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Where nobody else can reach this server its user is the operator, who may connect what is on their own network.
IS_ONLY_HERE = {HOST, *ALLOWED_HOSTS} <= {"localhost", "127.0.0.1", "::1", "[::1]"}
ALLOW_PRIVATE_HOSTS = environment.words("ALLOW_PRIVATE_HOSTS", reach.ALL if IS_ONLY_HERE else reach.NONE)
reach.open_to(reach.Reach(ALLOW_PRIVATE_HOSTS, sample_port=DATA_DIR / "demo" / "port"))
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "tformance.faces.web",  # before allauth: its templates are ours
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_cotton",
    "django_htmx",
    "django_vite",
    "tformance.accounts",
    "tformance.facts",
    "tformance.measures",
    "tformance.sync",
    "tformance.project",
]

MIDDLEWARE = [
    "tformance.faces.hooks.shortcut.shortcut",  # before all: messages need nothing of the others
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tformance.faces.web.namable.namable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "tformance.project.urls"
WSGI_APPLICATION = "tformance.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# `default` is the runtime role that row-level security binds; `owner` owns the tables and runs migrations only.
DATABASES = {
    "default": environment.database("DATABASE_URL"),
    "owner": environment.database("DATABASE_OWNER_URL"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EXACT_ROWS = 50_000  # percentiles of more rows are read from what is kept of weeks and months, known to within 1 %
CACHES = {"default": environment.cache("CACHE_URL"), "tries": environment.TRIES}

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the address is unique whatever its case: a constraint, not unique=True
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

SIGN_UP = environment.one_of("SIGN_UP", "invited", "open")  # who may make an account: whoever is invited, or anybody
ACCOUNT_ADAPTER = "tformance.faces.web.closed_door.ClosedDoor"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "tformance.faces.web.sign_up.SignUpForm"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and no other
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is written to because a stranger typed their address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before addresses, second factors and ways to sign in are changed
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if environment.flag("HTTPS") else "http"
# Tries are counted by the visitor's address: behind proxies it stands in a header that only these may write.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.integer("TRUSTED_PROXIES", 0)

MFA_ADAPTER = "tformance.faces.web.second_factor.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the operator's first address is none; nobody else comes in unconfirmed
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "tformance"
MFA_TOTP_TOLERANCE = 1

SOCIALACCOUNT_ADAPTER = "tformance.faces.web.closed_door.OtherSites"
SOCIALACCOUNT_PROVIDERS = environment.sign_in_sites()
USERSESSIONS_TRACK_ACTIVITY = False  # a statement less on every page

# Without a mail server messages are written to files, so that nothing is silently lost.
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=True)
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "tformance@localhost")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Vite puts a content hash into every file name under assets/.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / "manifest.json"}}

HTTPS = environment.flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
    }
}

QUEUE = "tformance"
CELERY_BROKER_URL = environment.text("BROKER_URL", "pgmq://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
HINT_LATER = "countdown"  # how a message says that it is to be heard later
if CELERY_BROKER_URL.startswith("pgmq:"):
    # See docs/adr/0002: one process per worker, and a message is gone once it is read; the sweep offers lost work again.
    CELERY_WORKER_POOL = "solo"
    # A worker takes as many messages as it could do at a time, and the second waits for as long as the first takes.
    CELERY_WORKER_CONCURRENCY = 1
    CELERY_TASK_QUEUES = [Queue(QUEUE, no_ack=True)]
    HINT_LATER = "DelaySeconds"  # it stays in the queue until then; workers would take it and keep it
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "conn_string": environment.connection_string("DATABASE_URL"),
        "init_extension": False,
        "wait_time_seconds": 0,
        "polling_interval": 0.2,
        "pool_timeout": 5,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "max_retries": 1,  # whoever sends a message does not wait for a broker that is away
        "interval_start": 0,
    }
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TASK_DEFAULT_QUEUE = QUEUE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Broadcast queues carry the host's name, which PostgreSQL's queue names are too short for; nothing needs them.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

reports.tell(environment.text("SENTRY_DSN"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": log.formatter, "as_json": environment.flag("LOG_JSON")}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line",
        }
    },
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "INFO")},
    # One message every half minute and per lane is no news; what the work itself did is told by its rows.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")},
}
