"""Facts of every migration operation, forward and backward, and the hazards that follow from them."""

from harness.probes.migrations.probe import Migrations

__all__ = ["Migrations"]
