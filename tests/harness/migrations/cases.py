"""The corpus: one small app per migration operation, with what PostgreSQL is known to do for it.

A case names the locks that its operation takes ("item:AE", by table without the app's prefix), whether it rewrites,
scans and builds indexes, who is blocked on the first of these tables ("read write" or "write"), and what the code
before it can no longer do ("read insert update").
"""

from __future__ import annotations

from dataclasses import dataclass, field

MODES = {
    "AE": "AccessExclusive",
    "S": "Share",
    "SRE": "ShareRowExclusive",
    "SUE": "ShareUpdateExclusive",
    "RE": "RowExclusive",
}


@dataclass
class Case:
    """One migration, its expected facts and the codes of all findings that it raises.

    `codes` are those of a rehearsal within a phase, `more` those that going back at once and the catalog add.
    """

    name: str
    operations: str
    locks: str = ""
    rewrite: bool = False
    scan: bool = False
    build: bool = False
    blocks: str = ""
    old_code: str = ""
    codes: set[str] = field(default_factory=set)
    more: set[str] = field(default_factory=set)
    prepare: str = ""
    before: str = ""
    after: str = ""
    atomic: bool = True

    @property
    def app(self) -> str:
        """Its app label."""
        return "case_" + "".join(letter if letter.isalnum() else "_" for letter in self.name.lower())

    def expected_locks(self) -> dict[str, str]:
        """Return the locks by full table name."""
        pairs = (each.split(":") for each in self.locks.split(",") if each)
        return {f"{self.app}_{table.strip()}": MODES[mode.strip()] for table, mode in pairs}


def _alter(field_name: str, field_source: str) -> str:
    return f'migrations.AlterField("item", "{field_name}", {field_source})'


def _add(field_source: str) -> str:
    return f'migrations.AddField("item", "extra", {field_source})'


CASES = [
    Case("add null", _add("models.IntegerField(null=True)"), "item:AE", blocks="read write"),
    Case(
        "add not null python default",
        _add("models.IntegerField(default=0)"),
        "item:AE",
        blocks="read write",
        old_code="insert",
        codes={"old-code-cannot-insert"},
    ),
    Case("add db_default", _add("models.IntegerField(db_default=0)"), "item:AE", blocks="read write"),
    Case("add db_default now", _add("models.DateTimeField(db_default=Now())"), "item:AE", blocks="read write"),
    Case(
        "add volatile db_default",
        _add("models.UUIDField(db_default=RandomUUID())"),
        "item:AE",
        rewrite=True,
        build=True,
        blocks="read write",
        codes={"rewrite-blocks-reads"},
    ),
    Case(
        "add generated stored",
        _add(
            'models.GeneratedField(expression=models.F("quantity") * 2, output_field=models.IntegerField(), '
            "db_persist=True)"
        ),
        "item:AE",
        rewrite=True,
        build=True,
        blocks="read write",
        old_code="insert update",
        codes={"rewrite-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "add unique null",
        _add("models.IntegerField(null=True, unique=True)"),
        "item:AE",
        build=True,
        blocks="read write",
        codes={"index-build-blocks-reads"},
    ),
    Case(
        "add foreign key null",
        _add('models.ForeignKey("{app}.category", models.CASCADE, null=True)'),
        "item:AE, category:SRE",
        build=True,
        blocks="read write",
        codes={"index-build-blocks-reads"},
    ),
    Case(
        "add many to many",
        _add('models.ManyToManyField("{app}.category")'),
        "item:SRE, category:SRE",
        blocks="write",
    ),
    Case("widen varchar", _alter("name", "models.CharField(max_length=100)"), "item:AE", blocks="read write"),
    Case(
        "narrow varchar",
        _alter("name", "models.CharField(max_length=40)"),
        "item:AE",
        rewrite=True,
        build=True,
        blocks="read write",
        old_code="insert update",
        codes={"rewrite-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case("varchar to text", _alter("name", "models.TextField()"), "item:AE", blocks="read write"),
    Case(
        "int to bigint",
        _alter("quantity", "models.BigIntegerField()"),
        "item:AE",
        rewrite=True,
        build=True,
        blocks="read write",
        codes={"rewrite-blocks-reads"},
    ),
    Case(
        "widen decimal",
        _alter("price", "models.DecimalField(max_digits=10, decimal_places=2)"),
        "item:AE",
        blocks="read write",
    ),
    Case(
        "rescale decimal",
        _alter("price", "models.DecimalField(max_digits=11, decimal_places=3)"),
        "item:AE",
        rewrite=True,
        build=True,
        blocks="read write",
        codes={"rewrite-blocks-reads"},
    ),
    Case(
        "set not null without nulls",
        _alter("rating", "models.IntegerField()"),
        "item:AE",
        scan=True,
        blocks="read write",
        old_code="insert update",
        codes={"scan-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "set not null fill default",
        _alter("note", "models.IntegerField(default=0)"),
        "item:AE",
        scan=True,
        blocks="read write",
        old_code="insert update",
        codes={
            "scan-blocks-reads",
            "rows-written-in-one-transaction",
            "old-code-cannot-insert",
            "old-code-cannot-update",
        },
    ),
    Case("drop not null", _alter("quantity", "models.IntegerField(null=True)"), "item:AE", blocks="read write"),
    Case("python default only", _alter("quantity", "models.IntegerField(default=5)")),
    Case(
        "db_index",
        _alter("sku", "models.CharField(max_length=20, db_index=True)"),
        "item:S",
        build=True,
        blocks="write",
        codes={"index-build-blocks-writes"},
    ),
    Case(
        "unique",
        _alter("sku", "models.CharField(max_length=20, unique=True)"),
        "item:AE",
        build=True,
        blocks="read write",
        old_code="insert update",
        codes={"index-build-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "switch constraint on",
        _alter("plain", 'models.ForeignKey("{app}.category", models.CASCADE)'),
        "item:SRE, category:SRE",
        scan=True,
        blocks="write",
        codes={"scan-blocks-writes"},
    ),
    Case(
        "add index",
        'migrations.AddIndex("item", models.Index(fields=["quantity"], name="{app}_q_ix"))',
        "item:S",
        build=True,
        blocks="write",
        codes={"index-build-blocks-writes"},
    ),
    Case(
        "add index concurrently",
        'AddIndexConcurrently("item", models.Index(fields=["quantity"], name="{app}_q_ix"))',
        "item:SUE",
        build=True,
        atomic=False,
    ),
    Case("remove index", 'migrations.RemoveIndex("item", "{app}_ix")', "item:AE", blocks="read write"),
    Case("remove index concurrently", 'RemoveIndexConcurrently("item", "{app}_ix")', "item:SUE", atomic=False),
    Case("rename index", 'migrations.RenameIndex("item", new_name="{app}_new", old_name="{app}_ix")', "ix:SUE"),
    Case(
        "add check",
        'migrations.AddConstraint("item", models.CheckConstraint(condition=models.Q(quantity__gte=0), '
        'name="{app}_q_ck"))',
        "item:AE",
        scan=True,
        blocks="read write",
        old_code="insert update",
        codes={"scan-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "add check not valid",
        'AddConstraintNotValid("item", models.CheckConstraint(condition=models.Q(price__gte=-10**6), '
        'name="{app}_p_ck"))',
        "item:AE",
        blocks="read write",
    ),
    Case(
        "validate check",
        'ValidateConstraint("item", "{app}_r_ck")',
        "item:SUE",
        scan=True,
        prepare='AddConstraintNotValid("item", models.CheckConstraint(condition=models.Q(rating__isnull=False), '
        'name="{app}_r_ck"))',
    ),
    Case(
        "set not null after check",
        _alter("rating", "models.IntegerField()"),
        "item:AE",
        blocks="read write",
        prepare='migrations.AddConstraint("item", models.CheckConstraint(condition=models.Q(rating__isnull=False), '
        'name="{app}_r_ck"))',
    ),
    Case(
        "add unique constraint",
        'migrations.AddConstraint("item", models.UniqueConstraint(fields=["sku", "quantity"], name="{app}_uq"))',
        "item:AE",
        build=True,
        blocks="read write",
        old_code="insert update",
        codes={"index-build-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "unique together",
        'migrations.AlterUniqueTogether("item", {{("sku", "quantity")}})',
        "item:AE",
        build=True,
        blocks="read write",
        old_code="insert update",
        codes={"index-build-blocks-reads", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "rename field",
        'migrations.RenameField("item", "sku", "code")',
        "item:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "remove not null field",
        'migrations.RemoveField("item", "sku")',
        "item:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "remove null field",
        'migrations.RemoveField("item", "note")',
        "item:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "rename model",
        'migrations.RenameModel("Item", "Thing")',
        "item:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "alter model table",
        'migrations.AlterModelTable("item", "{app}_elsewhere")',
        "item:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "delete model",
        'migrations.DeleteModel("Legacy")',
        "legacy:AE",
        blocks="read write",
        old_code="read insert update",
        codes={"old-code-cannot-read", "old-code-cannot-insert", "old-code-cannot-update"},
    ),
    Case(
        "create model with foreign key",
        'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True)), '
        '("item", models.ForeignKey("{app}.item", models.CASCADE))])',
        "item:SRE",
        blocks="write",
    ),
    Case(
        "backfill in one transaction",
        "migrations.RunPython(fill, migrations.RunPython.noop)",
        "item:RE",
        after="def fill(apps, editor):\n    apps.get_model('{app}', 'item').objects.filter(note=None).update(note=1)\n",
        codes={"rows-written-in-one-transaction"},
    ),
    Case(
        "backfill in batches",
        "migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)",
        "item:RE",
        atomic=False,
        after="def fill(apps, editor):\n"
        "    items = apps.get_model('{app}', 'item').objects\n"
        "    for start in range(0, 1000, 20):\n"
        "        with transaction.atomic():\n"
        "            items.filter(id__gt=start, id__lte=start + 20, note=None).update(note=1)\n",
    ),
    Case(
        "run sql update",
        "migrations.RunSQL('UPDATE {app}_item SET note = 7', migrations.RunSQL.noop)",
        "item:RE",
        codes={"rows-written-in-one-transaction"},
    ),
    Case(
        "run sql index concurrently",
        "migrations.RunSQL('CREATE INDEX CONCURRENTLY {app}_q_ix ON {app}_item (quantity)', "
        "'DROP INDEX CONCURRENTLY {app}_q_ix')",
        "item:SUE",
        build=True,
        atomic=False,
    ),
    Case(
        "state only",
        "migrations.SeparateDatabaseAndState(state_operations=["
        'migrations.AlterField("item", "sku", models.CharField(max_length=20, unique=True))])',
    ),
]
INSERT, UPDATE, READ = "old-code-cannot-insert", "old-code-cannot-update", "old-code-cannot-read"
ENDED = "transaction-ended"
BATCHES = "rows-written-in-one-transaction"
ALTERED, LOST = "way-back-alters-content", "way-back-loses-content"
REFUSED, LATE = "late-writes-refused", "late-writes-altered"
FILL = "def fill(apps, editor):\n    apps.get_model('{app}', 'item').objects.filter(note=None).update(note=1)\n"
RUN = "migrations.RunPython(fill, migrations.RunPython.noop)"
POSITIVE = 'models.CheckConstraint(condition=models.Q(price__gte=-10**6), name="{app}_p_ck")'
NUMBERED = 'models.UniqueConstraint(fields=["sku"], name="{app}_uq")'


def _state(operation: str) -> str:
    return f"migrations.SeparateDatabaseAndState(state_operations=[{operation}])"


def _sql(forward: str, backward: str = "") -> str:
    return f"migrations.RunSQL({forward!r}, {repr(backward) if backward else 'migrations.RunSQL.noop'})"


def _add_to(field_source: str) -> str:
    return f'migrations.AddField("item", "extra", {field_source})'


# Cases of more than one operation, of raw SQL, of state alone; only what they raise is stated.
MORE = [
    Case(
        "validated in the transaction that adds it",
        f'AddConstraintNotValid("item", {POSITIVE}), ValidateConstraint("item", "{{app}}_p_ck")',
        codes={"validated-in-the-same-transaction"},
    ),
    Case(
        "column and its index in one transaction",
        f"{_add_to('models.IntegerField(null=True)')}, "
        'migrations.AddIndex("item", models.Index(fields=["extra"], name="{app}_e_ix"))',
        codes={"slow-work-under-lock"},
    ),
    Case(
        "column and backfill in one transaction",
        f"{_add_to('models.IntegerField(null=True)')}, {RUN}",
        after=FILL,
        codes={"slow-work-under-lock", BATCHES, "data-mixed-with-schema"},
        more={ALTERED},
    ),
    Case(
        "backfill before a column",
        f"{RUN}, {_add_to('models.IntegerField(null=True)')}",
        after=FILL,
        codes={BATCHES, "data-mixed-with-schema"},
        more={ALTERED},
    ),
    Case(
        "two columns",
        f"{_add_to('models.IntegerField(null=True)')}, "
        'migrations.AddField("item", "other", models.TextField(null=True))',
    ),
    Case("truncate", _sql("TRUNCATE {app}_legacy"), more={LOST}),
    Case("delete few rows", _sql("DELETE FROM {app}_legacy WHERE id < 4"), more={LOST}),
    Case("delete many rows", _sql("DELETE FROM {app}_item WHERE id % 2 = 0"), codes={BATCHES}, more={LOST}),
    Case("raw sql without reverse", "migrations.RunSQL('SELECT 1')", codes={"irreversible"}),
    Case(
        "python without reverse",
        "migrations.RunPython(nothing)",
        after="def nothing(apps, editor):\n    pass\n",
        codes={"irreversible"},
    ),
    Case(
        "raw sql index",
        _sql("CREATE INDEX {app}_q ON {app}_item (quantity)", "DROP INDEX {app}_q"),
        codes={"index-build-blocks-writes"},
    ),
    Case(
        "raw sql column",
        _sql("ALTER TABLE {app}_item ADD COLUMN extra integer", "ALTER TABLE {app}_item DROP COLUMN extra"),
    ),
    Case(
        "raw sql required column",
        _sql(
            "ALTER TABLE {app}_legacy ADD COLUMN extra integer NOT NULL DEFAULT 0; "
            "ALTER TABLE {app}_legacy ALTER COLUMN extra DROP DEFAULT",
            "ALTER TABLE {app}_legacy DROP COLUMN extra",
        ),
        codes={INSERT},
        more={"drift-not-null"},
    ),
    Case(
        "raw sql drops a column",
        _sql("ALTER TABLE {app}_item DROP COLUMN rating", "ALTER TABLE {app}_item ADD COLUMN rating integer"),
        codes={READ, INSERT, UPDATE},
        more={"drift-column-missing", LOST},
    ),
    Case(
        "raw sql drops a table",
        _sql(
            "DROP TABLE {app}_legacy", "CREATE TABLE {app}_legacy (id bigint PRIMARY KEY, title varchar(50) NOT NULL)"
        ),
        codes={READ, INSERT, UPDATE},
        more={"drift-table-missing", LOST, "no-order-of-going-back"},
    ),
    Case(
        "cluster",
        _sql("CLUSTER {app}_item USING {app}_item_pkey"),
        codes={"rewrite-blocks-reads"},
    ),
    Case(
        "set unlogged",
        _sql("ALTER TABLE {app}_legacy SET UNLOGGED", "ALTER TABLE {app}_legacy SET LOGGED"),
        codes={"rewrite-blocks-reads"},
    ),
    Case("reindex", _sql("REINDEX TABLE {app}_item"), codes={"index-build-blocks-reads"}),
    Case("reindex concurrently", _sql("REINDEX TABLE CONCURRENTLY {app}_item"), atomic=False),
    Case(
        "exclusion constraint",
        _sql(
            "ALTER TABLE {app}_item ADD CONSTRAINT {app}_ex EXCLUDE USING hash (sku WITH =)",
            "ALTER TABLE {app}_item DROP CONSTRAINT {app}_ex",
        ),
        codes={"index-build-blocks-reads", INSERT, UPDATE},
    ),
    Case("state forgets a required column", _state('migrations.RemoveField("item", "sku")'), more={"drift-not-null"}),
    Case("state forgets an optional column", _state('migrations.RemoveField("item", "rating")')),
    Case(
        "state only index",
        _state('migrations.AddIndex("item", models.Index(fields=["quantity"], name="{app}_q_ix"))'),
        more={"drift-index-missing"},
    ),
    Case(
        "state only check",
        _state(f'migrations.AddConstraint("item", {POSITIVE})'),
        more={"drift-check-missing"},
    ),
    Case(
        "model with a key of 32 bits",
        'migrations.CreateModel("Part", [("id", models.AutoField(primary_key=True))])',
        more={"key-of-32-bits"},
    ),
    Case(
        "model with an unindexed key",
        'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True)), '
        '("item", models.ForeignKey("{app}.item", models.CASCADE, db_index=False))])',
        more={"foreign-key-without-index"},
    ),
    Case("model", 'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True))])'),
    Case(
        "remove unique constraint",
        'migrations.RemoveConstraint("item", "{app}_uq")',
        prepare=f'migrations.AddConstraint("item", {NUMBERED})',
        more={REFUSED, "index-build-blocks-reads"},
    ),
    Case(
        "remove check",
        'migrations.RemoveConstraint("item", "{app}_q_ck")',
        prepare='migrations.AddConstraint("item", models.CheckConstraint(condition=models.Q(quantity__gte=0), '
        'name="{app}_q_ck"))',
        more={REFUSED, "scan-blocks-reads"},
    ),
    Case("set db_default", _alter("quantity", "models.IntegerField(db_default=1)")),
    Case(
        "drop db_default",
        _alter("quantity", "models.IntegerField()"),
        prepare='migrations.AlterField("item", "quantity", models.IntegerField(db_default=1))',
        codes={INSERT},
    ),
    Case("comment", _alter("quantity", 'models.IntegerField(db_comment="how many")')),
    Case(
        "python only on_delete",
        _alter("plain", 'models.ForeignKey("{app}.category", models.PROTECT, db_constraint=False)'),
    ),
    Case("model options", 'migrations.AlterModelOptions("item", {{"ordering": ["id"]}})'),
    Case("add json null", _add_to("models.JSONField(null=True)")),
    Case("add text db_default", _add_to('models.TextField(db_default="")')),
    Case("comment between begin and commit", _sql("BEGIN; COMMENT ON TABLE {app}_item IS 'x'; COMMIT"), codes={ENDED}),
    Case(
        "rewrite between begin and commit",
        _sql("begin; CLUSTER {app}_item USING {app}_item_pkey; end;"),
        codes={"rewrite-blocks-reads", ENDED},
    ),
    Case(
        "commit between column and index",
        f"{_add_to('models.IntegerField(null=True)')}, migrations.RunSQL('COMMIT', ''), "
        'migrations.AddIndex("item", models.Index(fields=["quantity"], name="{app}_q_ix"))',
        codes={ENDED, "index-build-blocks-writes"},
    ),
    Case(
        "rollback after a column",
        f"{_add_to('models.IntegerField(null=True)')}, migrations.RunSQL('ROLLBACK', '')",
        codes={ENDED},
        more={"drift-column-missing", "backward-fails"},
    ),
    Case(
        "python that commits by the driver",
        f"{_add_to('models.IntegerField(null=True)')}, migrations.RunPython(commit, migrations.RunPython.noop)",
        after="def commit(apps, editor):\n    editor.connection.connection.commit()\n",
        codes={ENDED},
    ),
    Case("savepoint", _sql("SAVEPOINT a; COMMENT ON TABLE {app}_item IS 'x'; RELEASE SAVEPOINT a")),
    Case("rollback to a savepoint", _sql("SAVEPOINT a; DROP TABLE {app}_item; ROLLBACK TO SAVEPOINT a")),
    Case(
        "begin and commit outside a transaction",
        _sql("BEGIN; COMMENT ON TABLE {app}_item IS 'x'; ALTER TABLE {app}_item ADD extra integer; COMMIT"),
        atomic=False,
    ),
    Case(
        "words that only look like a commit",
        _sql("UPDATE {app}_item SET sku = '; COMMIT; ' WHERE id = 1; COMMENT ON TABLE {app}_item IS $$;COMMIT;$$"),
        more={ALTERED},
    ),
    Case(
        "raw sql serial column",
        _sql("ALTER TABLE {app}_item ADD extra bigserial", "ALTER TABLE {app}_item DROP extra"),
        codes={"rewrite-blocks-reads"},
    ),
    Case(
        "raw sql check",
        _sql(
            "ALTER TABLE {app}_item ADD CONSTRAINT {app}_c CHECK (price > -10000000)",
            "ALTER TABLE {app}_item DROP CONSTRAINT {app}_c",
        ),
        codes={"scan-blocks-reads"},
    ),
    Case(
        "raw sql moves a table to another schema",
        _sql(
            "CREATE SCHEMA {app}_s; ALTER TABLE {app}_legacy SET SCHEMA {app}_s",
            "ALTER TABLE {app}_s.{app}_legacy SET SCHEMA public; DROP SCHEMA {app}_s",
        ),
        codes={READ, INSERT, UPDATE},
        more={"drift-table-missing"},
    ),
    Case(
        "raw sql primary key",
        _sql("ALTER TABLE {app}_item DROP CONSTRAINT {app}_item_pkey, ADD PRIMARY KEY (id)"),
        codes={"index-build-blocks-reads"},
    ),
    Case(
        "raw sql primary key using an index",
        _sql("ALTER TABLE {app}_item DROP CONSTRAINT {app}_item_pkey, ADD PRIMARY KEY USING INDEX {app}_i_uq"),
        prepare="migrations.RunSQL('CREATE UNIQUE INDEX {app}_i_uq ON {app}_item (id)', '')",
    ),
    Case(
        "enum value in a transaction",
        _sql("CREATE TYPE {app}_mood AS ENUM ('a'); ALTER TYPE {app}_mood ADD VALUE 'b'", "DROP TYPE {app}_mood"),
    ),
    # Django drops the old key and makes no new one.
    Case(
        "composite key of a table that exists",
        'migrations.AlterField("legacy", "id", models.BigIntegerField()), '
        'migrations.AddField("legacy", "pk", models.CompositePrimaryKey("id", "title"))',
        codes={INSERT},
        more={"drift-unique-missing", "index-build-blocks-reads", REFUSED, "no-order-of-going-back"},
    ),
    Case("truncate cascade", _sql("TRUNCATE {app}_legacy CASCADE"), more={LOST}),
    Case("lock table", _sql("LOCK TABLE {app}_item IN ACCESS EXCLUSIVE MODE")),
    Case(
        "int to smallint",
        _alter("quantity", "models.SmallIntegerField()"),
        codes={"rewrite-blocks-reads", INSERT, UPDATE},
    ),
    Case(
        "rename model of a many to many",
        'migrations.RenameModel("Legacy", "Relic")',
        prepare='migrations.CreateModel("Box", [("id", models.BigAutoField(primary_key=True)), '
        '("of", models.ManyToManyField("{app}.legacy"))]), '
        'migrations.RunSQL(["INSERT INTO {app}_box DEFAULT VALUES", '
        '"INSERT INTO {app}_box_of (box_id, legacy_id) SELECT 1, id FROM {app}_legacy"], "")',
        codes={"scan-blocks-reads", READ, INSERT, UPDATE},
        more={"no-order-of-going-back"},
    ),
    # A positive number carries a CHECK, and PostgreSQL reads the table to see that no row breaks it.
    Case("add positive integer", _add_to("models.PositiveIntegerField(null=True)"), codes={"scan-blocks-reads"}),
    Case(
        "add positive integer with a default",
        _add_to("models.PositiveIntegerField(default=0)"),
        codes={"scan-blocks-reads", "old-code-cannot-insert"},
        more={"no-order-of-going-back"},
    ),
    # Rows that a data migration adds may be in the way of a row that is tried; the rule was there before.
    Case(
        "data beside an old rule",
        _sql(
            "INSERT INTO {app}_grant (category_id, kind) SELECT id, 'z' FROM {app}_category",
            "DELETE FROM {app}_grant WHERE kind = 'z'",
        ),
        prepare='migrations.CreateModel("Grant", [("id", models.BigAutoField(primary_key=True)), '
        '("category", models.ForeignKey("{app}.category", models.CASCADE)), '
        '("kind", models.CharField(max_length=1, choices=[("a", "A"), ("z", "Z")]))], '
        'options={{"unique_together": {{("category", "kind")}}}}), '
        "migrations.RunSQL(\"INSERT INTO {app}_grant (category_id, kind) SELECT id, 'a' FROM {app}_category\", '')",
        more={"late-writes-lost", "rows-written-in-one-transaction"},
    ),
    # The new table points at a full one, and its first rows are checked against it: no work that grows.
    Case(
        "new table with rows that point at a large one",
        'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True)), '
        '("item", models.ForeignKey("{app}.item", models.CASCADE)), '
        '("category", models.ForeignKey("{app}.category", models.CASCADE))]), '
        'migrations.RunSQL("INSERT INTO {app}_part (item_id, category_id) SELECT 1, id FROM {app}_category '
        'LIMIT 5", "")',
    ),
    # The rule comes with the type, not with NOT NULL.
    Case(
        "number to positive number",
        _alter("quantity", "models.PositiveIntegerField()"),
        codes={"scan-blocks-reads", INSERT, UPDATE},
    ),
    # Django drops the foreign key and validates it anew, though only NOT NULL goes.
    Case(
        "foreign key drop not null",
        'migrations.AlterField("part", "item", models.ForeignKey("{app}.item", models.CASCADE, null=True))',
        prepare='migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True)), '
        '("item", models.ForeignKey("{app}.item", models.CASCADE))]), '
        'migrations.RunSQL("INSERT INTO {app}_part (item_id) SELECT id FROM {app}_item", "")',
        codes={"scan-blocks-reads"},
        more={"late-writes-refused"},
    ),
    # Two rows may be alike now, though no column is beyond what it was.
    Case(
        "drop unique together",
        'migrations.AlterUniqueTogether("item", set())',
        prepare='migrations.AlterUniqueTogether("item", {{("plain", "sku")}})',
        more={"index-build-blocks-reads", "late-writes-refused"},
    ),
    # Going back cuts what is longer than the text was.
    Case(
        "short text to JSON",
        'migrations.AlterField("legacy", "title", models.JSONField())',
        prepare="migrations.RunSQL(\"UPDATE {app}_legacy SET title = '1'\", '')",
        codes={"rewrite-blocks-reads", INSERT, UPDATE},
        more={"fails-on-some-rows", "late-writes-altered"},
    ),
    Case(
        "narrow decimal",
        _alter("price", "models.DecimalField(max_digits=6, decimal_places=2)"),
        codes={"rewrite-blocks-reads", INSERT, UPDATE},
    ),
]
# Cases that cannot be applied; each is the last migration of its app.
FAILING = [
    Case(
        "concurrent index in a transaction",
        'AddIndexConcurrently("item", models.Index(fields=["quantity"], name="{app}_q_ix"))',
        codes={"concurrent-build-in-transaction"},
    ),
    Case(
        "unique column with a callable default",
        _add_to("models.UUIDField(default=uuid.uuid4, unique=True)"),
        codes={"migration-fails"},
    ),
    Case(
        "concurrent unique index on duplicates",
        _sql("CREATE UNIQUE INDEX CONCURRENTLY {app}_u ON {app}_item (plain_id)", "DROP INDEX {app}_u"),
        codes={"migration-fails"},
        more={"invalid-index"},
        atomic=False,
    ),
]
FAILING += [
    Case(
        "drop database",
        _sql("DROP DATABASE IF EXISTS {app}_unheard_of"),
        codes={"reaches-beyond-the-database"},
        atomic=False,
    ),
    Case("vacuum in a transaction", _sql("VACUUM {app}_item"), codes={"migration-fails"}),
    Case("column assigned twice", _sql("UPDATE {app}_item SET note = 1, note = 2"), codes={"migration-fails"}),
    Case(
        "begin without commit",
        f"{_add_to('models.IntegerField(null=True)')}, "
        "migrations.RunSQL('BEGIN; UPDATE {app}_item SET note = 7 WHERE id = 1', '')",
        codes={"transaction-left-open"},
        atomic=False,
    ),
    Case(
        "commit before a failure",
        f"{_add_to('models.IntegerField(null=True)')}, migrations.RunSQL('COMMIT', ''), "
        "migrations.RunSQL('SELECT 1 / 0', '')",
        codes={ENDED, "migration-fails"},
    ),
]
# What going back at once adds to the cases above.
for _name, _codes in {
    "add not null python default": {"no-order-of-going-back"},
    "add generated stored": {"no-order-of-going-back"},
    "varchar to text": {LATE, "rewrite-blocks-reads"},
    "widen varchar": {REFUSED, "rewrite-blocks-reads"},
    "int to bigint": {REFUSED},
    "widen decimal": {REFUSED, "rewrite-blocks-reads"},
    "rescale decimal": {REFUSED},
    "drop not null": {REFUSED, "scan-blocks-reads"},
    "remove index": {"index-build-blocks-writes"},
    "set not null fill default": {ALTERED},
    "rename field": {"no-order-of-going-back"},
    "remove not null field": {"backward-fails"},
    "remove null field": {LOST},
    "rename model": {"no-order-of-going-back"},
    "alter model table": {"no-order-of-going-back"},
    "delete model": {LOST},
    "backfill in one transaction": {ALTERED},
    "backfill in batches": {ALTERED},
    "run sql update": {ALTERED},
    "state only": {"drift-unique-missing", "drift-index-missing"},
}.items():
    next(case for case in CASES if case.name == _name).more |= _codes
BY_NAME = {case.name: case for case in CASES}
