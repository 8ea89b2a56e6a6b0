"""Pieces of JSON that several apps use."""

from rest_framework import serializers


class TaskReference(serializers.Serializer):
    """The body `{"task": id}` of a request that adds or completes a task."""

    task = serializers.IntegerField()


class UserReference(serializers.Serializer):
    """A user, named inside another object."""

    id = serializers.IntegerField()
    username = serializers.CharField()
