"""Queries per operation, before and after, and whether they grow with the data."""

from harness.probes.queries.probe import Queries

__all__ = ["Queries"]
