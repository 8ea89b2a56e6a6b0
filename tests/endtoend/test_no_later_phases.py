"""One sabotage for each question that only the later phases ask: the gate says no and names the culprit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.endtoend.conftest import Copy, Outcome
from tests.endtoend.test_no import refuses

pytestmark = [pytest.mark.slow, pytest.mark.sabotage, pytest.mark.postgres]
Sabotaged = Callable[..., Outcome]
CONTRACT = "platform/core/migrations/0014_retire_old_permissions.py"


def test_an_endpoint_that_is_gone_stops_phase_4(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.replace("platform/users/urls.py", '    path("users/me/"', '    path("users/myself/"')

    outcome = sabotaged("api", phase=4)

    refuses(outcome, "GET /api/users/me/")


def test_a_value_that_legacy_does_not_know_closes_the_way_back_of_phase_4(copy: Copy, sabotaged: Sabotaged) -> None:
    known = '        ADVANCED = "advanced"\n'
    copy.replace("platform/core/models/tasks.py", known, f'{known}        EXPERT = "expert"\n')

    outcome = sabotaged("way back", phase=4)

    refuses(outcome, "tasks_learningtask.difficulty_level")
    assert outcome.verdict["way_back"] == "CLOSED"


def test_a_contract_whose_reverse_forgets_grants_closes_the_way_back_of_phase_6(
    copy: Copy, sabotaged: Sabotaged
) -> None:
    copy.replace(CONTRACT, "[STILL_GRANTED.format(table=table, holder=holder), ", "[")
    copy.replace(CONTRACT, 'copier.copy(model, "core", label)', "pass")

    outcome = sabotaged("way back", phase=6, learners=400)

    refuses(outcome, "auth_group_permissions", "core.0014_retire_old_permissions")
    assert outcome.verdict["way_back"] == "CLOSED"


def test_a_contract_that_takes_the_new_grants_along_stops_phase_6(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.replace(CONTRACT, "REMOVE = [", 'REMOVE = [\n    "DELETE FROM auth_group_permissions",')

    outcome = sabotaged("validation", phase=6)

    refuses(outcome, "whoever holds a permission of core holds it still")


def test_a_contract_that_the_serving_release_does_not_survive_stops_phase_6(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.replace(
        "platform/core/migrations/0013_validate_places.py",
        "operations = [",
        "operations = [\n        migrations.RunSQL('ALTER TABLE learning_course RENAME COLUMN created_at TO made_at', "
        "'ALTER TABLE learning_course RENAME COLUMN made_at TO created_at'),",
    )

    outcome = sabotaged("old code", phase=6, learners=400)

    refuses(outcome, "create course")
