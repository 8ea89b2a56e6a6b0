"""A phase that looks ahead: its candidate is measured on a copy with later migrations; no later phase inherits them."""

from pathlib import Path

import msgspec

from harness.databases import Database, Server
from harness.databases.fingerprint import take_fingerprint
from tests.harness.integrity.library import open_library
from tests.harness.integrity.test_way_back_probe import HARMLESS, HARMLESS_MODELS


def applied(database: Database) -> int:
    return sum(name.startswith("library.") for name in take_fingerprint(database).migrations)


def test_only_the_copy_of_the_phase_itself_is_migrated_ahead(sqlite: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, sqlite, HARMLESS, models=HARMLESS_MODELS) as world:
        services = msgspec.structs.replace(world.phase, migrations=[], ahead=["library"])
        following = msgspec.structs.replace(world.phase, number=2, migrations=[])
        world.rollout = msgspec.structs.replace(world.rollout, phase=[services, following])
        world.phase = services
        assert (applied(world.before()), applied(world.after())) == (1, 3)
        world._before = world._after = None
        world.phase = following
        assert (applied(world.before()), applied(world.after())) == (1, 1)
