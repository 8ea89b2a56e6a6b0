from django.shortcuts import get_object_or_404
from rest_framework import generics
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import APIView

from users.models import User
from users.serializers import UserSerializer


class TokenView(ObtainAuthToken):
    parser_classes = [JSONParser]


class MeView(APIView):
    def get(self, request):
        return Response(UserSerializer(request.user).data)


class UserListView(generics.ListAPIView):
    queryset = User.objects.order_by("id")
    serializer_class = UserSerializer

    def get(self, request):
        if request.user.role != "administrator":
            raise PermissionDenied
        return self.list(request)


class UserDetailView(APIView):
    def get(self, request, pk):
        if request.user.role != "administrator" and request.user.pk != pk:
            raise PermissionDenied
        return Response(UserSerializer(get_object_or_404(User, pk=pk)).data)
