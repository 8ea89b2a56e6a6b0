"""Everything served: secrets, hosts and the database come from the environment, and nothing has a default."""

import os

import dj_database_url

from config.environment import number, rate, required
from config.settings.base import *  # noqa: F403
from config.settings.base import REST_FRAMEWORK

SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = required("ALLOWED_HOSTS").split(",")
DATABASES = {"default": dj_database_url.parse(required("DATABASE_URL"), conn_max_age=600, conn_health_checks=True)}

PROXIES = number("PROXIES", 1)
REST_FRAMEWORK = {**REST_FRAMEWORK, "NUM_PROXIES": PROXIES}
TOKEN_RATES = {
    "address": rate("TOKEN_RATE_PER_ADDRESS", "20/minute"),
    "username": rate("TOKEN_RATE_PER_USERNAME", "10/minute"),
}

SECURE_SSL_REDIRECT = os.environ.get("SECURE_SSL_REDIRECT", "1") == "1"
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None  # else clients could forge it
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
CSRF_COOKIE_SECURE = True
