"""Every rule of the linters of the field, and the fact or the reason that stands in its place here.

A rule that comes out of the facts names codes and the migrations of the corpus that raise them; one that does not apply
says why. `python -m tests.harness.migrations.facts_table` writes them to docs/facts.md.
"""

from __future__ import annotations

from dataclasses import dataclass


# The page says what the abbreviations stand for; of squawk the rules of 2.70 are meant.
@dataclass(frozen=True)
class Rule:
    """What a migration does, the rules of the field about it, the codes that come out here, and cases that show them.

    `silent` are cases that some of these rules call wrong, and that are not; `why` explains what is left out.
    """

    about: str
    rules: str
    codes: str = ""
    cases: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    why: str = ""


FOUND = [
    Rule(
        "AddField NOT NULL without a database default",
        "DML NOT_NULL; DSM SM001, SM033; squawk adding-required-field; ZDB ADD_COLUMN_NOT_NULL; ZDM R010; Sentry; PH; "
        "syzygy",
        "old-code-cannot-insert",
        ("add not null python default",),
        ("add db_default",),
    ),
    Rule(
        "AddField with a default: volatile in the database, or callable in Python",
        "DSM SM022; squawk adding-field-with-default; Rails add_column_default, add_column_default_callable; eugene "
        "E10; "
        "PH VolatileFunctionDetector",
        "rewrite-blocks-reads",
        ("add volatile db_default",),
        ("add db_default now", "add text db_default"),
    ),
    Rule(
        "AddField unique with a callable default",
        "DSM SM040",
        "migration-fails",
        ("unique column with a callable default",),
    ),
    Rule(
        "AddField GeneratedField, stored",
        "DSM SM041; squawk adding-field-with-default; Rails add_column_generated_stored; eugene E11",
        "rewrite-blocks-reads, old-code-cannot-insert",
        ("add generated stored",),
    ),
    Rule(
        "a serial column",
        "squawk adding-serial-primary-key-field; Rails add_column_auto_incrementing; eugene E11",
        "rewrite-blocks-reads",
        ("raw sql serial column",),
    ),
    Rule(
        "keys of 32 bits",
        "DSM SM028; squawk prefer-bigint-over-int, prefer-bigint-over-smallint",
        "key-of-32-bits",
        ("model with a key of 32 bits",),
    ),
    Rule(
        "AddField ForeignKey",
        "DML CREATE_INDEX, CREATE_INDEX_EXCLUSIVE; DSM SM005; squawk adding-foreign-key-constraint; Rails "
        "add_foreign_key, "
        "add_reference; eugene E1; ZDB; ZDM R006; PH HotTableAlterPolicy; kraken SaferAddFieldForeignKey",
        "index-build-blocks-reads",
        ("add foreign key null",),
        ("create model with foreign key",),
    ),
    Rule(
        "a foreign key without an index",
        "DSM SM025; eugene E15; ZDM R007",
        "foreign-key-without-index",
        ("model with an unindexed key",),
    ),
    Rule(
        "AddField ManyToManyField",
        "DSM SM023; Rails create_join_table; PH",
        silent=("add many to many",),
        why="brief locks on both tables, which are among the facts",
    ),
    Rule(
        "AddField unique",
        "squawk disallowed-unique-constraint; Rails add_unique_constraint; eugene E7; ZDB",
        "index-build-blocks-reads",
        ("add unique null",),
    ),
    Rule(
        "AlterField to another type",
        "DML ALTER_COLUMN; DSM SM004, SM013; squawk changing-column-type; Rails change_column, "
        "change_column_constraint, "
        "change_column_with_not_null; eugene E5, E10; ZDB ALTER_COLUMN_TYPE; Sentry",
        "rewrite-blocks-reads",
        ("int to bigint", "narrow varchar", "rescale decimal", "int to smallint"),
        ("set db_default",),
        why="a wider varchar or decimal and varchar to text are silent forward; what they cost is the way back",
    ),
    Rule(
        "AlterField to NOT NULL",
        "DML NOT_NULL; DSM SM020; squawk adding-not-nullable-field; Rails change_column_null, "
        "change_column_null_postgresql; "
        "eugene E2; ZDB; ZDM R015; kraken SaferAlterFieldSetNotNull",
        "scan-blocks-reads, old-code-cannot-insert",
        ("set not null without nulls", "set not null fill default"),
        ("set not null after check",),
    ),
    Rule(
        "AlterField drop NOT NULL",
        "DSM SM029; squawk ban-drop-not-null",
        "late-writes-refused",
        ("drop not null",),
    ),
    Rule(
        "AlterField unique=True",
        "DML ADD_UNIQUE; DSM SM021; squawk disallowed-unique-constraint; Rails add_unique_constraint; eugene E7; ZDB",
        "index-build-blocks-reads, old-code-cannot-insert",
        ("unique",),
    ),
    Rule(
        "AlterField default",
        "squawk ban-drop-default, ban-set-default; Rails change_column_default",
        "old-code-cannot-insert",
        ("drop db_default",),
        ("python default only", "set db_default"),
    ),
    Rule(
        "AddIndex, db_index=True",
        "DML CREATE_INDEX; DSM SM010; squawk require-concurrent-index-creation; Rails add_index; eugene E6; ZDB; ZDM "
        "R001, "
        "R003; PH",
        "index-build-blocks-writes",
        ("add index", "db_index", "raw sql index"),
        ("add index concurrently", "run sql index concurrently"),
    ),
    Rule(
        "an index, or any other work, in the transaction that holds AccessExclusive",
        "DML CREATE_INDEX_EXCLUSIVE; DSM SM054; eugene E4, W12; PH",
        "slow-work-under-lock",
        ("column and its index in one transaction",),
        ("two columns",),
    ),
    Rule(
        "data and schema changes in one migration",
        "DSM SM038",
        "data-mixed-with-schema",
        ("column and backfill in one transaction", "backfill before a column"),
    ),
    Rule(
        "RemoveIndex",
        "DML DROP_INDEX; DSM SM030; squawk require-concurrent-index-deletion; Rails remove_index; ZDM R016",
        "index-build-blocks-writes",
        ("remove index",),
        ("remove index concurrently",),
        why="removing takes a brief lock; building it again is the way back",
    ),
    Rule(
        "REINDEX, CLUSTER and other rebuilding",
        "DML REINDEX; squawk require-concurrent-reindex, prefer-repack",
        "index-build-blocks-reads, rewrite-blocks-reads",
        ("reindex", "cluster"),
        ("reindex concurrently",),
    ),
    Rule(
        "CONCURRENTLY inside a transaction",
        "DSM SM018; squawk ban-concurrent-index-creation-in-transaction; ZDM R004; PH AtomicFalsePolicy",
        "concurrent-build-in-transaction",
        ("concurrent index in a transaction",),
    ),
    Rule(
        "a concurrent build that was broken off",
        "DSM SM036; squawk prefer-robust-stmts; Rails remove_invalid_indexes; ZDB IDEMPOTENT_SQL; "
        "PH ConcurrentIndexIdempotencyPolicy",
        "migration-fails, invalid-index",
        ("concurrent unique index on duplicates",),
        why="IF NOT EXISTS everywhere is not asked for: what a failure leaves is named",
    ),
    Rule(
        "AddConstraint check",
        "DSM SM017, SM047; squawk constraint-missing-not-valid; Rails add_check_constraint, validate_check_constraint; "
        "eugene E1; ZDB; ZDM R017; kraken SaferAddCheckConstraint",
        "scan-blocks-reads, validated-in-the-same-transaction",
        ("add check", "raw sql check", "validated in the transaction that adds it"),
        ("add check not valid", "validate check"),
    ),
    Rule(
        "AddConstraint unique, unique_together",
        "DML ADD_UNIQUE; DSM SM009, SM011, SM015; squawk disallowed-unique-constraint; Rails add_unique_constraint; "
        "eugene E7; ZDB; ZDM R002; kraken",
        "index-build-blocks-reads, old-code-cannot-insert",
        ("add unique constraint", "unique together"),
    ),
    Rule(
        "AddConstraint exclusion",
        "DSM SM056; Rails add_exclusion_constraint; eugene E8; ZDB ADD_CONSTRAINT_EXCLUDE; Sentry",
        "index-build-blocks-reads",
        ("exclusion constraint",),
    ),
    Rule(
        "a foreign key's constraint switched on",
        "squawk adding-foreign-key-constraint, constraint-missing-not-valid; Rails add_foreign_key; eugene E1; ZDB; "
        "ZDM R017",
        "scan-blocks-writes",
        ("switch constraint on",),
    ),
    Rule(
        "RemoveConstraint",
        "squawk ban-drop-constraint",
        "late-writes-refused",
        ("remove check", "remove unique constraint"),
    ),
    Rule(
        "RenameField",
        "DML RENAME_COLUMN; DSM SM006; squawk renaming-column; Rails rename_column; ZDB ALTER_TABLE_RENAME_COLUMN; "
        "ZDM R011; "
        "PH; Sentry",
        "old-code-cannot-read, no-order-of-going-back",
        ("rename field",),
    ),
    Rule(
        "RenameModel, AlterModelTable, another schema",
        "DML RENAME_TABLE; DSM SM014; squawk renaming-table, renaming-object, ban-set-schema; Rails rename_table, "
        "rename_schema; ZDB ALTER_TABLE_RENAME; PH; Sentry",
        "old-code-cannot-read",
        ("rename model", "alter model table", "raw sql moves a table to another schema"),
        ("rename index",),
    ),
    Rule(
        "RemoveField, DeleteModel",
        "DML DROP_COLUMN, DROP_TABLE; DSM SM002, SM003; squawk ban-drop-column, ban-drop-table; Rails remove_column, "
        "create_table; ZDM R005, R009; Sentry; syzygy",
        "old-code-cannot-read",
        (
            "remove null field",
            "remove not null field",
            "delete model",
            "raw sql drops a column",
            "raw sql drops a table",
        ),
    ),
    Rule(
        "AlterModelTable to another tablespace, SET UNLOGGED",
        "ZDB ALTER_TABLE_SET_TABLESPACE; Sentry",
        "rewrite-blocks-reads",
        ("set unlogged",),
        why="new storage is seen, whatever asks for it; Django has no operation for a tablespace",
    ),
    Rule(
        "a composite or another primary key",
        "DSM SM042; eugene W14",
        "drift-unique-missing, old-code-cannot-insert",
        ("composite key of a table that exists",),
        ("raw sql primary key using an index",),
    ),
    Rule(
        "RunPython without reverse",
        "DML RUNPYTHON_REVERSIBLE; DSM SM016; ZDM R012",
        "irreversible",
        ("python without reverse",),
    ),
    Rule(
        "RunPython over many rows",
        "DSM SM008, SM026",
        "rows-written-in-one-transaction",
        ("backfill in one transaction",),
        ("python only on_delete",),
    ),
    Rule(
        "RunSQL without reverse",
        "DML RUNSQL_REVERSIBLE; DSM SM007; ZDM R013",
        "irreversible",
        ("raw sql without reverse",),
    ),
    Rule(
        "RunSQL that alters rows or drops what it likes, with a reverse that does not restore",
        "DSM SM048; squawk ban-truncate-cascade; Rails execute, change_table; Sentry",
        "way-back-loses-content",
        ("truncate", "truncate cascade", "delete many rows"),
    ),
    Rule(
        "BEGIN, COMMIT, ROLLBACK in a migration",
        "DSM SM049; squawk transaction-nesting, ban-uncommitted-transaction",
        "transaction-ended, transaction-left-open",
        ("comment between begin and commit", "rollback after a column", "begin without commit"),
        ("savepoint", "begin and commit outside a transaction", "words that only look like a commit"),
    ),
    Rule(
        "DROP DATABASE, and what else works on the whole server",
        "DSM SM050; squawk ban-drop-database, ban-alter-role-options, ban-alter-system-options",
        "reaches-beyond-the-database",
        ("drop database",),
        why="it is not run",
    ),
    Rule(
        "an assignment twice in one UPDATE",
        "squawk ban-duplicate-column-assignments",
        "migration-fails",
        ("column assigned twice",),
    ),
    Rule(
        "ALTER TYPE ... ADD VALUE in a transaction",
        "DSM SM012; squawk ban-add-enum-value; eugene W13",
        silent=("enum value in a transaction",),
        why="PostgreSQL 12 and newer allow it; using the value at once fails when it is run",
    ),
    Rule(
        "changes of the state alone, `--fake`",
        "DML IGNORES; ZDM R008",
        "drift-unique-missing, drift-not-null",
        ("state only", "state forgets a required column"),
        ("state forgets an optional column",),
    ),
]
ELSEWHERE = [
    Rule(
        "RunPython that imports the models of now",
        "DML RUNPYTHON_MODEL_IMPORT; DSM SM037; ZDM R014",
        why="all migrations run from zero: `migration-fails` as soon as those models no longer fit the tables",
    ),
    Rule("two newest migrations of one app", "DSM SM027", why="nothing can be migrated: one sentence, exit code 2"),
    Rule("a model that moves to another app", "no linter", why="`content-types-left-behind`"),
    Rule("models changed without a migration", "makemigrations --check", why="`models-without-migration`"),
]
NOT_APPLIED = [
    Rule(
        "timeouts for locks and statements, set in the migration",
        "DSM SM035; squawk require-lock-timeout, require-statement-timeout; Rails lock_timeout, lock_timeout_limit; "
        "eugene E9; "
        "ZDB; DTM statement_timeout; kraken migrate_with_timeouts",
        why="who applies migrations sets them for the session; a migration that sets its own hides it",
    ),
    Rule("json instead of jsonb", "Rails add_column_json; eugene E3", why="Django's JSONField is always jsonb"),
    Rule(
        "names: reserved words, case, length, schema prefixes",
        "DSM SM019; squawk identifier-too-long, require-table-schema; Sentry; DTM",
        why="style; what PostgreSQL refuses fails when it is run, and Django shortens names itself",
    ),
    Rule(
        "types: text instead of varchar or char, timestamptz, identity instead of serial",
        "DSM SM031, SM032, SM034; squawk prefer-text-field, ban-char-field, prefer-timestamptz, prefer-identity",
        why="Django chooses the type; neither locks, scans nor breaks anything",
    ),
    Rule(
        "names of RunPython's arguments and of model variables",
        "DML RUNPYTHON_ARGS_NAMING_CONVENTION, RUNPYTHON_MODEL_VARIABLE_NAME",
        why="style",
    ),
    Rule(
        "a list of hot tables, acknowledgements in a file",
        "PH HotTableAlterPolicy; Rails",
        why="severity follows from what is blocked; how hot a table is, the size of production says (`size`)",
    ),
    Rule(
        "an index of more than three columns, an index that a bug of 14.0-14.3 corrupts",
        "Rails add_index_columns, add_index_corruption",
        why="advice about queries, and about servers that have been repaired since",
    ),
    Rule(
        "bans of single statements",
        "squawk ban-add-column, ban-add-composite-attribute, ban-alter-extension, ban-alter-generated-expression, "
        "ban-alter-identity, ban-alter-policy-roles, ban-alter-row-level-security, ban-alter-sequence-values, "
        "ban-alter-view-options, ban-create-policy, ban-detach-inheritance, ban-disable-trigger, ban-drop-domain, "
        "ban-drop-extension, ban-drop-function, ban-drop-generated-expression, ban-drop-index, ban-drop-policy, "
        "ban-drop-schema, ban-drop-sequence, ban-drop-trigger, ban-drop-type, ban-drop-view, "
        "ban-new-write-restriction, "
        "ban-replace-view-function, ban-replica-identity, ban-revoke; Sentry RunSQL",
        why="house rules without a fact behind them; their locks and their effect on old code are measured",
    ),
    Rule(
        "labels of phases (expand, contract, data), deployment stages",
        "DSM --classify-phase; ZDM R008, R009; syzygy Stage, AmbiguousPlan; safemigrate Safe; Sentry "
        "is_post_deployment",
        why="in a rollout the phase says it; here old code and the way back show it",
    ),
    Rule(
        "order and names of an enum's values",
        "squawk require-enum-value-ordering; Rails rename_enum_value",
        why="Django has no such field; a value that is gone makes old code fail where a model writes it",
    ),
    Rule(
        "partitions, domains",
        "squawk require-concurrent-partition-detach, ban-create-domain-with-constraint, "
        "ban-alter-domain-with-add-constraint",
        why="Django has no operation for them; raw SQL is measured as any other",
    ),
    Rule("SQL injection in RunSQL", "DSM SM024", why="Bandit's business, in the probe `security`"),
    Rule(
        "MySQL's algorithms and lock options",
        "Rails; DML",
        why="only PostgreSQL gives facts; on SQLite the locks stay unknown and the command holds",
    ),
]


def found_table() -> str:
    """Return the rules that come out of the facts as a Markdown table."""
    lines = [
        "| what a migration does | rules of the field | comes out here as | shown by | rightly silent |",
        "|---|---|---|---|---|",
    ]
    for each in FOUND:
        codes = ", ".join(f"`{code}`" for code in each.codes.split(", ") if code) or "silence"
        words = [each.about, each.rules, f"{codes}; {each.why}" if each.why else codes]
        lines.append(f"| {' | '.join(words)} | {', '.join(each.cases) or '-'} | {', '.join(each.silent) or '-'} |")
    for each in ELSEWHERE:
        lines.append(f"| {each.about} | {each.rules} | {each.why} | a test | - |")
    return "\n".join(lines)


def not_applied_table() -> str:
    """Return the rules that are not applied as a Markdown table."""
    lines = ["| rule | of the field | why |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {each.about} | {each.rules} | {each.why} |" for each in NOT_APPLIED)])
