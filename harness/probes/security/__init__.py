"""The probe "security": Bandit reads the code, and nothing that it skips silently stays unseen."""

from harness.probes.security.probe import BanditProbe

__all__ = ["BanditProbe"]
