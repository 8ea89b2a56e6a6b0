"""The probe "duplication": what stands in more than one file."""

from harness.probes.duplication.probe import DuplicationProbe

__all__ = ["DuplicationProbe"]
