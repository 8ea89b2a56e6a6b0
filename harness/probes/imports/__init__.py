"""The probe "imports": cycles between modules, and contracts on the directions of imports."""

from harness.probes.imports.probe import ImportsProbe

__all__ = ["ImportsProbe"]
