"""The probe "tests": a suite is run by pytest in the release's own interpreter, with branch coverage."""

from harness.probes.tests.probe import PytestProbe

__all__ = ["PytestProbe"]
