"""A performance and migration test harness that gates each phase of a Django rollout, and its way back."""

__version__ = "0.1.0"
