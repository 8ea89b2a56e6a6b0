"""The served platform under load: response times, errors, and whether the measurement can be believed."""

from harness.probes.load.probe import Load

__all__ = ["Load"]
