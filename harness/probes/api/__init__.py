"""Whether the API still keeps its promises: the generated OpenAPI document against the committed one."""

from harness.probes.api.probe import Api

__all__ = ["Api"]
