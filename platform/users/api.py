"""The views of tokens and users."""

from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import ApiView
from core.parsers import LimitedJSONParser
from users.serializers import UserOutput
from users.services import UserService
from users.throttling import ByAddress, ByUsername


class TokenView(ObtainAuthToken):
    """POST: a token for a username and a password."""

    parser_classes = [LimitedJSONParser]
    throttle_classes = [ByAddress, ByUsername]


class MeView(ApiView[UserService]):
    """GET: oneself."""

    service_class = UserService

    def get(self, request: Request) -> Response:
        """Show the user whose token this is."""
        return Response(UserOutput(request.user).data)


class UserListView(ApiView[UserService]):
    """GET: all users."""

    service_class = UserService

    def get(self, request: Request) -> Response:
        """List users."""
        return self.page_of_rows(self.service.all(actor=self.actor), UserOutput)


class UserView(ApiView[UserService]):
    """GET: one user."""

    service_class = UserService

    def get(self, request: Request, pk: int) -> Response:
        """Show a user."""
        return Response(UserOutput(self.service.get(pk, actor=self.actor)).data)
