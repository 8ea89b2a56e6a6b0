"""What a phase's migrations will cost at production's row counts."""

from harness.probes.size.probe import Size

__all__ = ["Size"]
