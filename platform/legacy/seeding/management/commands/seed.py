import time

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from rest_framework.authtoken.models import Token

from seeding.bulk import ProgressLine, load, reset_sequences
from seeding.content import ADMINISTRATORS, UNUSABLE, Content
from users.models import User

GROUPS = {
    "student": ("Students", ["view_course", "view_learningtask", "view_quiz", "add_submission", "view_submission"]),
    "instructor": (
        "Instructors",
        [
            *("add_course", "change_course", "view_course", "add_quiz", "change_quiz", "view_quiz"),
            *("add_learningtask", "change_learningtask", "view_learningtask"),
            *("add_assessmenttask", "change_assessmenttask", "view_assessmenttask"),
            *("add_quiztask", "change_quiztask", "view_quiztask"),
            *("change_submission", "view_submission", "view_userprogress"),
        ],
    ),
    "administrator": (
        "Administrators",
        [
            f"{action}_{model}"
            for model in ("user", "course", "learningtask", "assessmenttask", "quiztask", "submission", "quiz", "userprogress")
            for action in ("add", "change", "delete", "view")
        ],
    ),
}
APPS = ("users", "tasks", "learning", "assessment")


class Command(BaseCommand):
    help = (
        "Fill an empty, migrated database with a platform of so many learners (about 52 rows each): the same content on "
        "every machine for the same number and seed. Example: manage.py seed --learners 2000 --seed 7"
    )

    def add_arguments(self, parser):
        parser.add_argument("--learners", type=int, default=200, help="number of students (default: 200)")
        parser.add_argument("--seed", type=int, default=1, help="another number gives other content (default: 1)")
        parser.add_argument(
            "--password",
            help="password of the users administrator, instructor and student; without it nobody has one, only tokens",
        )

    def handle(self, *args, learners, seed, password, **options):
        if learners < 1:
            raise CommandError("--learners must be at least 1.")
        self.refuse_unless_empty()
        started = time.monotonic()
        password_hash = make_password(password, salt=f"seed{seed}") if password else UNUSABLE
        progress = ProgressLine()
        with transaction.atomic():
            rows = seed_database(Content(learners, seed, password_hash), progress)
        progress.clear()
        if options["verbosity"] > 1:
            for table, count in rows.items():
                self.stdout.write(f"{table:42}{count:>12,}")
        if options["verbosity"] > 0:
            self.stdout.write(f"Seeded {sum(rows.values()):,} rows in {time.monotonic() - started:.1f} s.")

    def refuse_unless_empty(self):
        try:
            occupied = User.objects.exists()
        except DatabaseError as error:
            raise CommandError("The database has no tables yet: run manage.py migrate first.") from error
        if occupied:
            raise CommandError("The database already has users: seed an empty one.")


def seed_database(content, report):
    """Write the content into the empty database; return the number of rows by table."""
    rows = {}
    written = []

    def write(model, columns, values):
        rows[model._meta.db_table] = load(model, columns, values, report)
        written.append(model)

    for model, columns, values in content.tables():
        write(model, columns, values)
    write(Token, ("key", "user_id", "created"), content.token_rows())
    group_ids = create_groups()
    write(User.groups.through, ("id", "user_id", "group_id"), content.membership_rows(group_ids))
    permit_first_instructor()
    rows["auth_group"] = len(group_ids)
    rows["auth_group_permissions"] = sum(len(codenames) for _, codenames in GROUPS.values())
    rows["users_user_user_permissions"] = 1
    reset_sequences(written)
    return rows


def create_groups():
    """Create the group of each role with its permissions; return their ids by role."""
    ids = {}
    for role, (name, codenames) in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(find_permissions(codenames))
        ids[role] = group.pk
    return ids


def permit_first_instructor():
    """Grant one permission directly, since grants to users are kept in another table than those to groups."""
    User.objects.get(pk=ADMINISTRATORS + 1).user_permissions.set(find_permissions(["delete_submission"]))


def find_permissions(codenames):
    permissions = Permission.objects.filter(content_type__app_label__in=APPS, codename__in=codenames)
    missing = set(codenames) - {permission.codename for permission in permissions}
    if missing:
        raise CommandError(f"The permission {min(missing)} does not exist: run manage.py migrate first.")
    return permissions
