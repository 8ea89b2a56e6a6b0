"""How the OpenAPI document comes about, and the page that shows it."""

from core.openapi.operation import Operation, Operations

__all__ = ["Operation", "Operations"]
