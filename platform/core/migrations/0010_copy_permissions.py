"""Copies content types, permissions and grants of the models that core adopted.

The old ones stay until the baseline release is gone, because its permission checks need them. Backward, grants made to
the copies meanwhile go to the old permissions before the copies are removed. Both ways can be repeated. The baseline
release has no model for a task's place in a course: what Django itself made for it goes, too, unless it was granted.
"""

from core.migrations._grants import ADOPTED, Copier
from django.conf import settings
from django.db import migrations


def copy_to_core(apps, schema_editor):
    copier = Copier(apps, schema_editor.connection.alias)
    for label, model in ADOPTED:
        copier.copy(model, label, "core")


def remove_copies(apps, schema_editor):
    copier = Copier(apps, schema_editor.connection.alias)
    for label, model in ADOPTED:
        copier.copy(model, "core", label)
        copier.remove(model, "core")
    copier.remove_unless_granted("coursetask", "core")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_indexes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(copy_to_core, remove_copies),
    ]
