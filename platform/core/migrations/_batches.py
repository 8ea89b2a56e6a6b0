"""Runs a statement over all courses, some at a time; each batch commits alone in a migration that is not atomic."""

COURSES_PER_BATCH = 200


def batches(courses):
    """First and last primary key of each batch of courses, in order."""
    keys = courses.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:COURSES_PER_BATCH])
    while batch:
        yield batch[0], batch[-1]
        batch = list(keys.filter(pk__gt=batch[-1])[:COURSES_PER_BATCH])


def run_in_batches(statement):
    def run(apps, schema_editor):
        courses = apps.get_model("core", "Course").objects.using(schema_editor.connection.alias)
        for bounds in batches(courses):
            schema_editor.execute(statement, bounds)

    return run
