"""One sabotage each: the gate says NO-GO, exits with 1 and names the culprit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.endtoend.conftest import Copy, Outcome

pytestmark = [pytest.mark.slow, pytest.mark.sabotage, pytest.mark.postgres]
Sabotaged = Callable[..., Outcome]


def refuses(outcome: Outcome, *culprits: str) -> None:
    """Assert the exit code, the verdict and that its reasons name the culprits."""
    assert outcome.code == 1, outcome.output
    assert outcome.verdict["forward"] == "NO-GO", outcome.reasons
    breached = [each for each in outcome.verdict["criteria"] if each["decision"] == "breach"]
    reasons = " ".join(each["reason"] for each in breached)
    for culprit in culprits:
        assert culprit in reasons, f"{culprit!r} is not named in: {reasons}"
        assert culprit in outcome.output, f"{culprit!r} is not named on the terminal: {outcome.output}"


def test_a_required_column_that_old_code_cannot_fill_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.add_migration("migrations.AddField('submission', 'reviewer_note', models.CharField(max_length=9, default=''))")

    outcome = sabotaged("old code")

    refuses(outcome, "create submission", "reviewer_note")


def test_an_index_built_without_concurrently_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.add_migration("migrations.AddIndex('submission', models.Index(fields=['content', 'id'], name='slow_index'))")

    outcome = sabotaged("migrations")

    refuses(outcome, "core.0099_sabotage", "builds index slow_index")


def test_a_backfill_that_corrupts_one_row_in_a_hundred_thousand_stops_the_gate(
    copy: Copy, sabotaged: Sabotaged
) -> None:
    copy.add_migration(
        "migrations.RunPython(corrupt, migrations.RunPython.noop)",
        helpers=(
            "def corrupt(apps, schema_editor):\n"
            "    table = apps.get_model('core', 'Submission').objects\n"
            "    one = table.order_by('pk')[table.count() // 2]\n"
            "    table.filter(pk=one.pk).update(content=one.content + ' ')\n"
        ),
    )

    outcome = sabotaged("integrity", learners=2200)

    refuses(outcome, "assessment_submission.content", "core.0099_sabotage")
    rows = next(each for each in outcome.verdict["criteria"] if each["measure"] == "rows")
    assert rows["observed"] > 100_000


def test_a_migration_without_reverse_closes_the_way_back(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.add_migration("migrations.RunPython(forward)", helpers="def forward(apps, schema_editor):\n    pass\n")

    outcome = sabotaged("migrations", "way back")

    refuses(outcome, "core.0099_sabotage")
    assert outcome.verdict["way_back"] == "CLOSED"


def test_a_reverse_that_truncates_late_writes_closes_the_way_back(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.add_migration("migrations.AlterField('quiz', 'title', models.TextField())")
    models = next(
        path for path in (copy.path / "platform/core/models").glob("*.py") if "class Quiz(" in path.read_text()
    )
    head, quiz = models.read_text().split("class Quiz(", 1)
    assert "title = models.CharField(max_length=200)" in quiz
    models.write_text(
        head + "class Quiz(" + quiz.replace("title = models.CharField(max_length=200)", "title = models.TextField()", 1)
    )

    outcome = sabotaged("way back")

    refuses(outcome, "assessment_quiz.title", "core.0099_sabotage")
    assert outcome.verdict["way_back"] == "CLOSED"


def test_a_failing_test_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.write("tests/apps/test_sabotage.py", "def test_the_sum():\n    assert 1 + 1 == 3\n")
    copy.replace("rollout.toml", 'paths = ["tests/apps"]', 'paths = ["tests/apps/test_sabotage.py"]')

    outcome = sabotaged("tests")

    refuses(outcome, "test_sabotage.py", "test_the_sum")


def test_a_shell_command_in_a_view_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    api = copy.read("platform/learning/api.py")
    copy.write(
        "platform/learning/api.py",
        api + "\n\ndef run(text: str) -> None:\n    import subprocess\n    subprocess.run(text, shell=True)\n",
    )

    outcome = sabotaged("security")

    refuses(outcome, "platform/learning/api.py", "shell=True")


def test_a_file_that_bandit_skips_silently_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.write("platform/core/unfinished.py", "def half(:\n")

    outcome = sabotaged("security")

    refuses(outcome, "platform/core/unfinished.py")
