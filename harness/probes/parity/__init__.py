"""The same requests to both releases, as every actor: what answers and writes differently."""

from harness.probes.parity.probe import Parity

__all__ = ["Parity"]
