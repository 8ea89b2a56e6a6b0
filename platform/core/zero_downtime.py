"""Migration operations that never scan or build under a lock that blocks; plain ones where there is nothing to block.

On PostgreSQL they do what their namesakes of `django.contrib.postgres` do; on other databases they fall back to
Django's ordinary operations, so that one migration history serves both.
"""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

INDEX_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


def on_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    """Whether the database has the statements that do not block."""
    return schema_editor.connection.vendor == "postgresql"


class AddConstraintNotValid(postgres.AddConstraintNotValid):
    """Adds a check constraint that holds for new rows at once and for old ones when it is validated."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Adds it without reading the table; on other databases, with."""
        operation = super() if on_postgresql(schema_editor) else super(postgres.AddConstraintNotValid, self)
        operation.database_forwards(app_label, schema_editor, from_state, to_state)


class ValidateConstraint(postgres.ValidateConstraint):
    """Checks a NOT VALID constraint, of a check or a foreign key, against the rows from before it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Reads the table while everybody keeps reading and writing; elsewhere it was checked when it was added."""
        if on_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class AddForeignKeyNotValid(migrations.AlterField):
    """Turns on the database constraint of a nullable foreign key, NOT VALID, and with ON DELETE SET NULL.

    The database sets NULL itself because a release that does not know the column deletes users, too.
    """

    def __init__(self, model_name: str, name: str, field: "models.ForeignKey[Any, Any]", constraint: str) -> None:
        self.constraint = constraint
        super().__init__(model_name, name, field)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """The operation as the migration writer spells it."""
        name, args, kwargs = super().deconstruct()
        return name, args, {**kwargs, "constraint": self.constraint}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Adds the constraint without reading either table; on other databases, with."""
        if not on_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        target = field.target_field
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.constraint)} "
            f"FOREIGN KEY ({quote(field.column)}) "
            f"REFERENCES {quote(target.model._meta.db_table)} ({quote(target.column)}) "
            "ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED NOT VALID"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drops the constraint and keeps the column with its values."""
        if not on_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        table = schema_editor.quote_name(to_state.apps.get_model(app_label, self.model_name)._meta.db_table)
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.constraint)}")

    def describe(self) -> str:
        """What `migrate --plan` prints."""
        return f"Create not valid foreign key {self.constraint} on field {self.name} of model {self.model_name}"


class AddIndexConcurrently(postgres.AddIndexConcurrently):
    """Builds an index while everybody keeps reading and writing; can be repeated after it was interrupted."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Builds the index, after removing what an interrupted build left, and unless a finished build is there."""
        if not on_postgresql(schema_editor):
            super(postgres.AddIndexConcurrently, self).database_forwards(app_label, schema_editor, from_state, to_state)
            return
        valid = self._is_valid(schema_editor)
        if valid is False:
            super().database_backwards(app_label, schema_editor, to_state, from_state)
        if not valid:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Removes the index; on PostgreSQL without blocking."""
        operation = super() if on_postgresql(schema_editor) else super(postgres.AddIndexConcurrently, self)
        operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def _is_valid(self, schema_editor: BaseDatabaseSchemaEditor) -> bool | None:
        """Whether the index is usable; None when there is none."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(INDEX_IS_VALID, [schema_editor.quote_name(self.index.name)])
            row = cursor.fetchone()
        return bool(row[0]) if row else None
