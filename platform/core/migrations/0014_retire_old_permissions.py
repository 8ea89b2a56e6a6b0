"""Contract: removes the content types, permissions and grants of the baseline release, whose code is gone.

Forward, grants made under the old names since phase 3 are copied to core first: nobody loses access. What goes is kept
in four tables, so that the reverse puts the same rows back under the same keys; it leaves out what was revoked from the
copies meanwhile, adds what was granted on them, and drops the four tables. A later release drops them for good.
"""

from core.migrations._grants import ADOPTED, Copier
from django.conf import settings
from django.db import migrations

OLD = " OR ".join(f"(app_label = '{label}' AND model = '{model}')" for label, model in ADOPTED)
GRANTS = {"auth_group_permissions": "group_id", "users_user_user_permissions": "user_id"}

KEEP = [
    "CREATE TABLE core_retired_content_type (id bigint PRIMARY KEY, app_label varchar(100), model varchar(100))",
    "CREATE TABLE core_retired_permission "
    "(id bigint PRIMARY KEY, name varchar(255), content_type_id bigint, codename varchar(100))",
    f"INSERT INTO core_retired_content_type SELECT id, app_label, model FROM django_content_type WHERE {OLD}",  # nosec B608  # names of this file
    "INSERT INTO core_retired_permission SELECT id, name, content_type_id, codename FROM auth_permission "
    "WHERE content_type_id IN (SELECT id FROM core_retired_content_type)",
]
REMOVE = [
    "DELETE FROM auth_permission WHERE id IN (SELECT id FROM core_retired_permission)",
    "DELETE FROM django_content_type WHERE id IN (SELECT id FROM core_retired_content_type)",
]
PUT_BACK = [
    "INSERT INTO django_content_type (id, app_label, model) SELECT id, app_label, model FROM core_retired_content_type",
    "INSERT INTO auth_permission (id, name, content_type_id, codename) "
    "SELECT id, name, content_type_id, codename FROM core_retired_permission",
]
FORGET = ["DROP TABLE core_retired_permission", "DROP TABLE core_retired_content_type"]
# A grant comes back only if its holder still has the copy: it may have been revoked meanwhile, or the holder be gone.
STILL_GRANTED = """
INSERT INTO {table} (id, {holder}, permission_id)
SELECT retired.id, retired.{holder}, retired.permission_id FROM core_retired_{table} AS retired
JOIN core_retired_permission AS permission ON permission.id = retired.permission_id
JOIN core_retired_content_type AS kind ON kind.id = permission.content_type_id
WHERE EXISTS (
    SELECT 1 FROM {table} AS granted
    JOIN auth_permission AS copied ON copied.id = granted.permission_id AND copied.codename = permission.codename
    JOIN django_content_type AS core ON core.id = copied.content_type_id AND core.app_label = 'core'
    WHERE core.model = kind.model AND granted.{holder} = retired.{holder}
)
"""


def retire():
    """The statements forward: keep all rows first, then remove them, grants before permissions before their types."""
    statements = list(KEEP)
    for table, holder in GRANTS.items():
        kept, old = f"core_retired_{table}", "permission_id IN (SELECT id FROM core_retired_permission)"
        statements += [
            f"CREATE TABLE {kept} (id bigint PRIMARY KEY, {holder} bigint, permission_id bigint)",
            f"INSERT INTO {kept} SELECT id, {holder}, permission_id FROM {table} WHERE {old}",  # nosec B608  # as above
            f"DELETE FROM {table} WHERE {old}",  # nosec B608  # as above
        ]
    return [*statements, *REMOVE]


def rebuild():
    """The statements backward."""
    statements = list(PUT_BACK)
    for table, holder in GRANTS.items():
        statements += [STILL_GRANTED.format(table=table, holder=holder), f"DROP TABLE core_retired_{table}"]
    return [*statements, *FORGET]


def copy_to_core(apps, schema_editor):
    copier = Copier(apps, schema_editor.connection.alias)
    for label, model in ADOPTED:
        copier.copy(model, label, "core")


def copy_from_core(apps, schema_editor):
    copier = Copier(apps, schema_editor.connection.alias)
    for label, model in ADOPTED:
        if copier.content_types.filter(app_label=label, model=model).exists():  # not in a new database
            copier.copy(model, "core", label)


class Migration(migrations.Migration):
    contract = True  # the release serves without it
    dependencies = [
        ("core", "0013_validate_places"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(copy_to_core, copy_from_core),
        migrations.RunSQL(retire(), rebuild()),
    ]
