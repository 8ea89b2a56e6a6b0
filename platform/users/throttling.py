"""How often somebody may ask for a token; the rates are settings, and without one there is no limit."""

import hashlib

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class TokenThrottle(SimpleRateThrottle):
    """Counts requests for tokens in the cache; a subclass says by what."""

    def get_rate(self) -> str | None:
        """The rate of the settings."""
        rate: str | None = settings.TOKEN_RATES[self.scope]
        return rate

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The counter's name, of the same length whatever was sent; None when there is nothing to count by."""
        counted = self.counted(request)
        digest = hashlib.sha256(counted.encode(errors="replace")).hexdigest() if counted else None
        return digest and f"{self.scope}-{digest}"

    def counted(self, request: Request) -> str:
        """What this throttle counts by."""
        raise NotImplementedError


class ByAddress(TokenThrottle):
    """One address that tries many passwords."""

    scope = "address"

    def counted(self, request: Request) -> str:
        """The client's address, as the proxies in front report it."""
        return self.get_ident(request)


class ByUsername(TokenThrottle):
    """Many addresses that try the passwords of one user."""

    scope = "username"

    def counted(self, request: Request) -> str:
        """The name that is asked for, known or not."""
        try:
            body = request.data
        except APIException:  # the view refuses it
            return ""
        return str(body.get("username", "")).strip() if isinstance(body, dict) else ""
