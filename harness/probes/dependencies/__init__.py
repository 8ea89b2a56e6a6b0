"""The probe "dependencies": what is declared is used, what is used is declared, and everything is pinned."""

from harness.probes.dependencies.probe import DependenciesProbe

__all__ = ["DependenciesProbe"]
