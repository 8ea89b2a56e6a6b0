"""Find the rows that a test made at the end of a list, whatever the database holds before them."""

from typing import Any

from rest_framework.test import APIClient


def count(client: APIClient, path: str) -> int:
    return client.get(path, {"page_size": 1}).json()["count"]


def last(client: APIClient, path: str, number: int = 1) -> list[dict[str, Any]]:
    """Return the last rows of a list ordered by id, the newest last."""
    total = count(client, path)
    return [
        client.get(path, {"page_size": 1, "page": page}).json()["results"][0]
        for page in range(total - number + 1, total + 1)
    ]
