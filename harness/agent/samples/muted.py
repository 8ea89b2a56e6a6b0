"""Keeps a project's signal handlers out of rows that are only tried or written as a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import signals

_SIGNALS = (signals.pre_init, signals.post_init, signals.pre_save, signals.post_save, signals.m2m_changed)


@contextmanager
def muted() -> Iterator[None]:
    """Call no handler of the model signals in the block: no mail, no queue, no second write."""
    before = [(signal, signal.receivers) for signal in _SIGNALS]
    try:
        for signal, _ in before:
            signal.receivers = []
            signal.sender_receivers_cache.clear()
        yield
    finally:
        for signal, receivers in before:
            signal.receivers = receivers
            signal.sender_receivers_cache.clear()
