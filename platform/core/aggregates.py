"""Rows of a child table as one value of the parent's row: no object is made for a child that is only shown."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Expression, QuerySet, Subquery, TextField
from django.db.models.sql.compiler import SQLCompiler


class RowsField(TextField):
    """A list of rows in ascending order, each a list of JSON values, or the value itself where there is one column."""

    def from_db_value(self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper) -> list[Any]:
        """The rows; none for a parent without children."""
        return sorted(json.loads(value)) if value else []


class Rows(Aggregate):
    """The values of the named columns, for all rows of a group."""

    output_field = RowsField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """What PostgreSQL calls it; as text, so that it is read once and in one place."""
        return self.as_sql(compiler, connection, template=f"CAST(JSON_AGG({self._row('JSON_BUILD_ARRAY')}) AS text)")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """What SQLite calls it."""
        return self.as_sql(compiler, connection, template=f"JSON_GROUP_ARRAY({self._row('JSON_ARRAY')})")

    def _row(self, function: str) -> str:
        columns = [each for each in self.get_source_expressions() if each is not None]  # None: no filter
        return f"{function}(%(expressions)s)" if len(columns) > 1 else "%(expressions)s"


def rows_of(children: QuerySet[Any], parent: str, *columns: str) -> Subquery:
    """These columns of the children whose column `parent` is already compared with the outer query."""
    grouped = children.order_by().values(parent).annotate(rows=Rows(*columns))
    return Subquery(grouped.values("rows"), output_field=RowsField())
