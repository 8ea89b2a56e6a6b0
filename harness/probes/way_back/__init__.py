"""Whether one can come back: late writes, backward, forward again, the restored backup; compared row by row."""

from harness.probes.way_back.probe import WayBack

__all__ = ["WayBack"]
