"""The probe "dead code": what nothing uses, imports that nothing needs, and code that is deprecated."""

from harness.probes.dead_code.probe import DeadCodeProbe

__all__ = ["DeadCodeProbe"]
