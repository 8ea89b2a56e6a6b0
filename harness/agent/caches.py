"""Django's own caches of rows, which make counts depend on what ran before."""

from __future__ import annotations

from django.apps import apps


def clear_caches() -> None:
    """Empty the content-type and site caches of this process."""
    for label, model in (("contenttypes", "ContentType"), ("sites", "Site")):
        if apps.is_installed(f"django.contrib.{label}"):
            apps.get_model(label, model)._default_manager.clear_cache()
