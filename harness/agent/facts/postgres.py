"""The facts that PostgreSQL gives away: locks, rewrites, scans, index builds, tuples, WAL, and who is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts import known, modes, transactions, words
from harness.agent.facts.catalog import Catalog, Held, Relation, difference
from harness.agent.facts.gate import Gatekeeper
from harness.agent.facts.notices import Listener
from harness.agent.facts.record import OperationFacts, Rows
from harness.agent.facts.recorder import Recorder, Run, Running
from harness.agent.facts.transactions import LeftOpen, Transaction
from harness.agent.facts.witness import Witness


class PostgresRecorder(Recorder):
    """Looks after each statement, on the same session and in its transaction, and tries to get in from a second one."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self._catalog = Catalog(connection)
        self._listener = Listener()
        self._witness = Witness(connection)
        self._gatekeeper = Gatekeeper(connection)
        self._raw: Any = None
        self._pid = 0
        self._existing: dict[int, Relation] = {}
        self._committed: dict[int, Relation] = {}
        self._altered = False
        self._counts: dict[int, tuple[int, ...]] = {}
        self._wal = 0
        self._surveyed = False
        self._looked = False
        self._seen: set[int] | None = None
        self._transaction = Transaction()
        self._asked: dict[str, dict[int, str]] = {}

    def table_names(self) -> dict[int, str]:
        """Return the tables as they were when the present migration began, by oid."""
        return {oid: relation.name for oid, relation in self._existing.items() if relation.is_table}

    def close(self) -> None:
        """Close the other sessions and take back the session's settings."""
        self._witness.close()
        self._gatekeeper.close()
        if self._raw is not None and self._raw is self.connection.connection and not self._raw.closed:
            self._listener.detach()
            self._catalog.detach()

    def _begin(self) -> None:
        """Forget the relations of the migration before; they are read again before the first statement."""
        self._surveyed = False
        self._transaction = Transaction()
        self._asked = {}

    def _opened(self, facts: OperationFacts) -> None:
        for oid, mode in self._transaction.modes.items():
            name = self._existing[oid].name
            if modes.rank(mode) > 0 and name not in facts.locks:
                facts.inherited[name] = mode

    def _execute(self, facts: OperationFacts, statement: Running) -> Any:
        with self.clock.paused():
            self._prepare()
        self._transaction.altered |= not words.carries_rows(statement.sql)
        ends = transactions.is_whole(statement.sql)
        if self._inside:
            since = self.clock.now()
            self._looked = False
            if ends:
                with self.clock.paused():
                    self._look(facts, since)
                    self._try()
            result = statement.run()
            is_new = not statement.known and not words.only_reads(statement.sql)
            if ends or is_new or not words.carries_rows(statement.sql):
                with self.clock.paused():
                    self._look(facts, since, statement.sql)
        else:
            result = self._at_the_gate(facts, statement)
        if words.verb(statement.sql) in ("UPDATE", "DELETE"):
            self._transaction.touched += max(0, statement.context["cursor"].rowcount)
            if not self._inside:
                self._note_touched(facts, self._transaction.touched)
        return result

    @property
    def _inside(self) -> bool:
        """Whether a transaction is open, by Django or by hand."""
        return self.connection.in_atomic_block or transactions.is_open(self.connection.connection)

    def _pieces(self, sql: str) -> Sequence[str]:
        return transactions.split(sql)

    def _ended(self) -> None:
        if not self.connection.in_atomic_block and transactions.is_open(self.connection.connection):
            raise LeftOpen

    def _abandon(self) -> bool:
        if self.connection.in_atomic_block or not transactions.is_open(self.connection.connection):
            return False
        self.connection.connection.rollback()
        return True

    def _prepare(self) -> None:
        """Attach to the session where that is new, and read the relations before the first statement of a migration."""
        self.connection.ensure_connection()
        if self.connection.connection is not self._raw:
            self._raw = self.connection.connection
            self._listener.attach(self._raw)
            self._pid = self._catalog.pid()
            self._catalog.attach()
        if not self._surveyed:
            self._surveyed = True
            # What other sessions and old code counted since is not this migration's; else the last counts still hold.
            self._counts = self._counts or {each.oid: each.counts for each in self._catalog.all()}
            self._existing = self._committed = self._present()
            self._transaction.number = self._catalog.transaction if self._inside else 0
            self._altered = False
            self._wal = self._catalog.wal
            self._listener.take()
        elif self._altered:
            # Only where a migration is not atomic: nothing is uncommitted here, others see what this session sees.
            self._committed = self._catalog.relations()
            self._altered = False

    def _present(self) -> dict[int, Relation]:
        """Return all relations; after a migration in one transaction only those that it locked are read again."""
        if self._seen is None or not self._existing:
            present = self._catalog.relations()
        else:
            kept = {oid: relation for oid, relation in self._existing.items() if oid not in self._seen}
            present = kept | self._catalog.relations(self._seen)
        self._seen = set()
        return present

    def disturbed(self) -> None:
        """Read all counts anew before the next migration: somebody else has used the session."""
        self._counts = {}

    def _closed(self, facts: OperationFacts) -> None:
        if not facts.statements and not (facts.opaque and self._surveyed):
            return
        if self._inside:
            if not self._looked or facts.opaque:
                self._look(facts, self.clock.now())
            self._try()
            self._note_touched(facts, known.touched_rows(facts, self._existing))
        else:
            self._survey(facts)
        facts.wal_bytes += self._catalog.wal - self._wal
        self._wal = self._catalog.wal

    def _look(self, facts: OperationFacts, since: float, sql: str = "") -> None:
        """Read what the open transaction holds and has done since the last look."""
        self._looked = True
        held = sorted(self._catalog.held(), key=lambda each: known.is_no_table(each, self._existing))
        if self._transaction.number not in (0, self._catalog.transaction):
            self._end(facts, sql)
        self._transaction.number = self._catalog.transaction
        if self._seen is not None:
            self._seen |= {each.oid for each in held}
        for each in held:
            relation = self._existing.get(each.oid)
            if relation or not each.dropped:
                self._count(facts, each)
            if relation:
                self._note_lock(facts, relation, modes.strongest(each.modes), since)
                if not each.dropped:
                    self._note_storage(facts, relation, each.filenode, truncated=words.verb(sql) == "TRUNCATE")
        self._hear(facts, held, truncated=words.verb(sql) == "TRUNCATE")

    def _end(self, facts: OperationFacts, sql: str) -> None:
        """Note that the transaction was ended by hand: its locks are gone, and so is its work where it was aborted."""
        outcome = self._catalog.outcome(self._transaction.number)
        if self.connection.in_atomic_block:
            by = words.template(sql) if transactions.is_whole(sql) else ""
            facts.transaction_ends.append({"statement": by, "outcome": outcome})
        self._release()
        if outcome != "committed":
            self._catalog.set_up()
        self._committed = self._catalog.relations()
        for oid in self._committed.keys() & self._existing.keys():
            self._existing[oid].filenode = self._committed[oid].filenode

    def _survey(self, facts: OperationFacts) -> None:
        """Read the counts of all relations after work outside a transaction."""
        self._seen = None
        for each in self._catalog.all():
            self._count(facts, each)
            if each.oid in self._existing:
                self._note_storage(facts, self._existing[each.oid], each.filenode, truncated=False)

    def _count(self, facts: OperationFacts, now: Held) -> None:
        before = self._counts.get(now.oid, (0,) * len(now.counts))
        self._counts[now.oid] = now.counts
        if before == now.counts:
            return
        relation = self._existing.get(now.oid)
        owner = self._existing[relation.owner] if relation else None
        rows = difference(before, now.counts, index=bool(relation and not relation.is_table))
        total = facts.rows.setdefault(owner.name if owner else now.name, Rows())
        total.add(rows)

    def _note_lock(self, facts: OperationFacts, relation: Relation, mode: str, since: float) -> None:
        transaction = self._transaction
        if modes.rank(mode) <= max(0, modes.rank(transaction.modes.get(relation.oid, ""))):
            return
        owner = self._existing[relation.owner]
        if not relation.is_table and modes.rank(mode) <= max(modes.rank("RowExclusive"), self._mode_of(owner)):
            return
        transaction.modes[relation.oid] = mode
        transaction.taken.append((facts, relation, since))
        transaction.untried.append((facts, owner))
        facts.lock(relation.name, mode)

    def _mode_of(self, table: Relation) -> int:
        return modes.rank(self._transaction.modes.get(table.oid, ""))

    def _note_storage(self, facts: OperationFacts, relation: Relation, node: int | None, *, truncated: bool) -> None:
        """Note a table or index that has got new storage."""
        if node == relation.filenode:
            return
        relation.filenode = node
        if relation.is_table and not truncated:
            facts.note(facts.rewrites, relation.name)
        elif relation.kind == "i" and not truncated:
            facts.build(self._existing[relation.owner].name, relation.name)

    def _hear(self, facts: OperationFacts, held: list[Held], *, truncated: bool = False) -> None:
        """Note what the server said about tables that existed before; emptying one builds its indexes on nothing."""
        for kind, name, sentence in self._listener.take():
            tables = self._catalog.constraint_tables(name) if kind == "constraint" else [name]
            found = [table for each in tables if (table := known.resolve(each, held, self._existing, self._committed))]
            for table in found:
                if kind == "build" and not truncated:
                    facts.build(table.name, sentence.split('"')[1])
                elif kind in ("rewrite", "scan", "constraint"):
                    facts.note(facts.rewrites if kind == "rewrite" else facts.scans, table.name)
            if found or kind == "proven":
                facts.note(facts.server_says, sentence)

    def _try(self) -> None:
        """Let the witness try the tables whose locks are new."""
        transaction = self._transaction
        for owner in {relation.oid: relation for _, relation in transaction.untried}.values():
            mode = transaction.modes.get(owner.oid, "")
            verbs = self._witness.blocked(self._committed[owner.oid], mode) if owner.oid in self._committed else []
            for whose, relation in transaction.untried:
                if relation.oid == owner.oid:
                    whose.block(owner.name, verbs)
        transaction.untried = []

    def _at_the_gate(self, facts: OperationFacts, statement: Running) -> Any:
        """Run a statement outside a transaction; the first of its kind has to ask for its locks at the gate."""
        with self.clock.paused():
            is_new = not statement.known and not words.only_reads(statement.sql)
            tables = known.mentioned(statement.sql, self._existing, self._committed) if is_new else []
        start = self.clock.now()
        if tables:
            with self._gatekeeper.hold(self._pid, tables) as gate:
                start = self.clock.now()
                result = statement.run()
            self.clock.skip(gate.waited)
            self._asked[facts.last_statement] = gate.requests
        else:
            result = statement.run()
        for oid, mode in self._asked.get(facts.last_statement, {}).items():
            name = self._existing[oid].name
            facts.lock(name, mode)
            facts.block(name, modes.blocked_verbs(mode))
            facts.hold(name, self.clock.now() - start)
        with self.clock.paused():
            self._hear(facts, [])
        self._altered |= self._transaction.altered
        self._transaction.altered = False
        return result

    def _note_touched(self, facts: OperationFacts | None, rows: int) -> None:
        """Note how many rows one transaction of the operation kept locked."""
        if facts is not None:
            facts.largest_transaction = max(facts.largest_transaction, rows)
        self._transaction.touched = 0

    def _commit(self, commit: Run) -> Run:
        def observed() -> None:
            if self._current is not None:
                with self.clock.paused():
                    self._try()
            commit()
            self._release()

        return observed

    def _release(self) -> None:
        """Note for how long the locks of a transaction that has ended were held."""
        now = self.clock.now()
        for facts, relation, since in self._transaction.taken:
            facts.hold(relation.name, now - since)
            facts.hold(self._existing[relation.owner].name, now - since)
        self._note_touched(self._current, self._transaction.touched)
        self._altered |= self._transaction.altered
        self._transaction = Transaction()

    def _rollback(self, rollback: Run) -> Run:
        def observed() -> None:
            rollback()
            self._transaction = Transaction()

        return observed
