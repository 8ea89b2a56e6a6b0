"""Write many rows quickly: COPY on PostgreSQL, executemany elsewhere."""

import sys
from itertools import islice

from django.core.management.color import no_style
from django.db import connection, models

BATCH = 2_000
REPORT_EVERY = 5_000


def load(model, columns, rows, report):
    """Insert the rows, tuples in the order of the columns, as they are; return how many there were."""
    counted = count_rows(rows, lambda done: report(model._meta.db_table, done))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return copy_rows(cursor, model, columns, counted)
        return insert_rows(cursor, model, columns, counted)


def count_rows(rows, report):
    for done, row in enumerate(rows):
        if done % REPORT_EVERY == 0:
            report(done)
        yield row


def copy_rows(cursor, model, columns, rows):
    done = 0
    with cursor.copy(f"COPY {quoted_target(model, columns)} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            done += 1
    return done


def insert_rows(cursor, model, columns, rows):
    """Insert in batches, with moments in the form that Django's own inserts would give them."""
    statement = f"INSERT INTO {quoted_target(model, columns)} VALUES ({', '.join(['%s'] * len(columns))})"
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    moments = [place for place, column in enumerate(columns) if isinstance(fields[column], models.DateTimeField)]
    done = 0
    while batch := list(islice(rows, BATCH)):
        if moments:
            batch = [adapt_moments(row, moments) for row in batch]
        cursor.executemany(statement, batch)
        done += len(batch)
    return done


def adapt_moments(row, moments):
    adapted = list(row)
    for place in moments:
        adapted[place] = connection.ops.adapt_datetimefield_value(row[place])
    return adapted


def quoted_target(model, columns):
    quote = connection.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(quote(column) for column in columns)})"


def reset_sequences(tables):
    """Let every sequence go on after the largest id that was written."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


class ProgressLine:
    """One line on stderr that is rewritten while rows are loaded; silent when stderr is no terminal."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.shown = self.stream.isatty()

    def __call__(self, table, done):
        if self.shown:
            self.stream.write(f"\r\x1b[2Kseeding {table}: {done:,} rows")
            self.stream.flush()

    def clear(self):
        if self.shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
