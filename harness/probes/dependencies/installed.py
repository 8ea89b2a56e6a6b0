"""Prints as JSON what the interpreter that runs it has installed; a script of its own, standard library only."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sys
from pathlib import Path


def environment() -> dict[str, str]:
    """Return what markers of requirements ask about this interpreter."""
    return {
        "implementation_name": sys.implementation.name,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_system": platform.system(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def distributions() -> dict[str, dict[str, list[str]]]:
    """Return what each distribution requires and which modules it provides, by canonical name."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in importlib.metadata.distributions():
        name = canonical(each.metadata["Name"] or "")
        found.setdefault(name, {"requires": each.requires or [], "modules": []})
    for module, names in importlib.metadata.packages_distributions().items():
        for name in {canonical(name) for name in names}:
            if name in found and module.isidentifier():
                found[name]["modules"].append(module)
    return found


def canonical(name: str) -> str:
    """Return a name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    result = {"environment": environment(), "distributions": distributions()}
    Path(sys.argv[1]).write_text(json.dumps(result), encoding="utf-8")
