"""The JSON of users."""

from rest_framework import serializers

from core.serializers import UserReference


class InstructorOutput(UserReference):
    """An instructor, named inside a course."""

    first_name = serializers.CharField()
    last_name = serializers.CharField()


class UserOutput(InstructorOutput):
    """A user."""

    email = serializers.EmailField()
    role = serializers.CharField()
