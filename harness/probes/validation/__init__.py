"""What the project itself says must hold for its content, before a phase, after it, and after the way back."""

from harness.probes.validation.probe import Validations

__all__ = ["Validations"]
