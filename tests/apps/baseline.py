"""A database of the baseline release with data on the boundaries, written with that release's models."""

ADOPTED = {
    "tasks": ["learningtask", "assessmenttask", "quiztask"],
    "learning": ["course"],
    "assessment": ["submission", "quiz", "userprogress"],
}


def fill(apps):
    user = apps.get_model("users", "User").objects.create(username="ada")
    task = apps.get_model("tasks", "QuizTask").objects.create(
        title="q" * 200, max_score="9999.99", passing_score=0, time_limit=2**31 - 1
    )
    apps.get_model("assessment", "Submission").objects.create(user=user, task_id=task.pk, content="", grade="-9999.99")
    quiz = apps.get_model("assessment", "Quiz").objects.create(title="Quiz")
    quiz.tasks.add(task)
    progress = apps.get_model("assessment", "UserProgress").objects.create(user=user, quiz=quiz, is_completed=True)
    progress.completed_tasks.add(task)
    for number in range(3):
        add_course(apps, f"Course {number}", 3)
    grant(apps, user)


def add_course(apps, title, size):
    """A course whose tasks were added in another order than that of their ids."""
    learning_task = apps.get_model("tasks", "LearningTask")
    tasks = [learning_task.objects.create(title=f"{title} {number}") for number in range(size)]
    course = apps.get_model("learning", "Course").objects.create(title=title)
    for task in reversed(tasks):
        course.tasks.add(task)
    return course


def grant(apps, user):
    """The content types and permissions that Django makes after migrating, and two grants."""
    content_type, permission = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    for label, models in ADOPTED.items():
        for model in models:
            kind = content_type.objects.create(app_label=label, model=model)
            for verb in ("add", "change", "delete", "view"):
                permission.objects.create(content_type=kind, codename=f"{verb}_{model}", name=f"Can {verb} {model}")
    group = apps.get_model("auth", "Group").objects.create(name="Editors")
    group.permissions.add(permission.objects.get(codename="change_course"))
    user.user_permissions.add(permission.objects.get(codename="view_submission"))
