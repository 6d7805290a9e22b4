"""Django settings, made from the installation's one TOML file (see ``registers.installation.config``)."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rempart.desk.registers.installation.config import Config, load_config
from rempart.desk.registers.installation.keys import Keys, read_keys
from rempart.desk.registers.vault.keyring import NAME, Keyring
from rempart.desk.rules.notice import REHEARSAL_TEMPO, Tempo
from rempart.desk.rules.retention import Retention

_named = os.environ.get("REMPART_SETTINGS", "")
SETTINGS_FILE: Path | None = Path(_named).resolve() if _named else None
_folder = SETTINGS_FILE.parent if SETTINGS_FILE else Path.cwd()

REMPART: Config = load_config(SETTINGS_FILE)
REMPART_DATA: Path = _folder / REMPART.data_folder
REMPART_KEYS: Keys = read_keys(_folder / REMPART.keys_file)
REMPART_KEYRING: Keyring = Keyring((_folder / REMPART.keys_file).with_name(NAME))
REMPART_WELL_KNOWN: Path | None = _folder / REMPART.well_known_pictures if REMPART.well_known_pictures else None
REMPART_TEMPO: Tempo = REHEARSAL_TEMPO if REMPART.is_rehearsal else Tempo()
REMPART_RETENTION: Retention = Retention()

SECRET_KEY = REMPART_KEYS.django_secret
DEBUG = False
ALLOWED_HOSTS = REMPART.host_list
ROOT_URLCONF = "rempart.desk.project.urls"
WSGI_APPLICATION = "rempart.desk.project.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rempart.desk.registers.installation",
    "rempart.desk.registers.people",
    "rempart.desk.registers.directory",
    "rempart.desk.registers.journal",
    "rempart.desk.registers.bank",
    "rempart.desk.registers.lists",
    "rempart.desk.stages.intake",
    "rempart.desk.stages.triage",
    "rempart.desk.stages.action",
    "rempart.desk.stages.followup",
    "rempart.desk.web.shared",
    "rempart.desk.web.public",
    "rempart.desk.web.console",
    "rempart.desk.web.answers",
    "rempart.desk.web.api",
    "rempart.desk.outlets.email",
]

MIDDLEWARE = [
    "rempart.desk.web.shared.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rempart.desk.web.shared.language.LanguageOfAddress",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "rempart.desk.web.shared.uploads.RoomForLargeForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "rempart.desk.web.console.sessions.StaffSessions",
    "rempart.desk.web.shared.access.PrivateUnlessPublic",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "rempart.desk.web.shared.context.house",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def _database(config: Config, data: Path) -> dict[str, Any]:
    if not config.database:
        # A power cut costs a real desk nothing that was acknowledged; invented data need not wait for the disk at every commit.
        synchronous = "NORMAL" if config.is_rehearsal else "FULL"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data / "desk.sqlite3"),
            "OPTIONS": {
                "timeout": 30,
                # Take the write lock at BEGIN: two writers wait for each other instead of failing midway.
                "transaction_mode": "IMMEDIATE",
                # secure_delete: what is erased is overwritten, not left in free pages.
                "init_command": (
                    f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON;"
                    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;"
                ),
            },
        }
    parts = urlsplit(config.database)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(REMPART, REMPART_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
PASSWORD_HASHERS = ["rempart.desk.registers.people.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("sign_in_name", "display_name")},
    },
]
LOGIN_URL = "console:sign-in"

SESSION_COOKIE_NAME = "desk"
SESSION_COOKIE_PATH = "/console/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = int(timedelta(hours=REMPART.session_hours).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # gone when the browser closes
CSRF_FAILURE_VIEW = "rempart.desk.web.public.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = REMPART.behind_proxy
if REMPART.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63_072_000
    CSRF_TRUSTED_ORIGINS = [REMPART.public_url]

LANGUAGE_CODE = "en"
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = REMPART.time_zone
_desk = Path(__file__).resolve().parents[1]
LOCALE_PATHS = sorted(str(path) for path in _desk.glob("**/locale") if path.is_dir())

STATIC_URL = "/static/"
STATIC_ROOT = str(REMPART_DATA / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Nobody uploads anything to the desk.
FILE_UPLOAD_HANDLERS: list[str] = ["rempart.desk.web.shared.uploads.RefuseUploads"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = REMPART.smtp_host, REMPART.smtp_port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = REMPART.smtp_user, REMPART.smtp_password
EMAIL_USE_TLS, EMAIL_USE_SSL = REMPART.smtp_security == "starttls", REMPART.smtp_security == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = REMPART.mail_from

# Logs say what happened to the machine, never what people wrote: no request bodies, no addresses, no paths with tokens.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"discreet": {"()": "rempart.desk.project.logs.Discreet"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["discreet"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "rempart": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
