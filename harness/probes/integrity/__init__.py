"""Whether a phase left the content alone that it was not meant to change."""

from harness.probes.integrity.probe import Integrity

__all__ = ["Integrity"]
