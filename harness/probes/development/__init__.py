"""The probe "development": how the work goes, from the runs so far and from the repository."""

from harness.probes.development.probe import DevelopmentProbe

__all__ = ["DevelopmentProbe"]
