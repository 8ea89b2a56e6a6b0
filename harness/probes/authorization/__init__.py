"""Every operation as every actor: who may is served, who may not is refused before anything is written."""

from harness.probes.authorization.probe import Authorization

__all__ = ["Authorization"]
