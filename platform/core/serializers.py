"""Pieces of JSON that several apps use."""

from typing import Final

from rest_framework import serializers

from core.output import Output

LONGEST_TEXT: Final = 100_000
"""The characters that a text without a limit in the database may have."""
LARGEST_KEY: Final = 2**63 - 1
"""The largest number that a database takes for a key."""


class TaskReference(serializers.Serializer):
    """The body `{"task": id}` of a request that adds or completes a task."""

    task = serializers.IntegerField()


class UserReference(Output):
    """A user, named inside another object."""

    id = serializers.IntegerField()
    username = serializers.CharField()
