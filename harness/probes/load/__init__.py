"""The served platform under load: response times, errors, and whether the measurement can be believed."""

from harness.probes.load.probe import Load
from harness.probes.load.under_load import UnderLoad

__all__ = ["Load", "UnderLoad"]
