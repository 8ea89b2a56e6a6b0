"""How lists are cut into pages."""

import re

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination, PageNumberPagination
from rest_framework.request import Request


class Pagination(PageNumberPagination):
    """Pages of 50 objects, or of up to 200 with `?page_size=`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class CursorPages(CursorPagination):
    """Pages of the same sizes by cursor: no count, and the last page costs what the first one does."""

    page_size = Pagination.page_size
    page_size_query_param = Pagination.page_size_query_param
    max_page_size = Pagination.max_page_size
    ordering = "pk"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place where the page begins; raises NotFound unless it was made by `encode_cursor`."""
        cursor = super().decode_cursor(request)
        if cursor and not re.fullmatch(r"\d{1,19}", str(cursor.position or 0), re.ASCII):
            raise NotFound(self.invalid_cursor_message)
        return cursor
