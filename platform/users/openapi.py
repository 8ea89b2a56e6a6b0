"""What the OpenAPI document says about tokens and users."""

from http import HTTPStatus
from typing import Final

from rest_framework import serializers

from core.openapi import Operation, Operations
from users import api
from users.serializers import UserOutput


class TokenInput(serializers.Serializer):
    """Who asks for a token."""

    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class TokenOutput(serializers.Serializer):
    """The token, for the header `Authorization: Token ...`."""

    token = serializers.CharField()


OPERATIONS: Final[Operations] = {
    (api.TokenView, "POST"): Operation(TokenOutput, TokenInput),
    (api.MeView, "GET"): Operation(UserOutput),
    (api.UserListView, "GET"): Operation(UserOutput, paged=True, refuses=(HTTPStatus.FORBIDDEN,)),
    (api.UserView, "GET"): Operation(UserOutput, refuses=(HTTPStatus.FORBIDDEN,)),
}
