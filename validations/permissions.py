"""Whoever had a permission on a model that moves to core has it there, and keeps the old one until phase 6."""

from django.contrib.auth.models import Permission

OLD = ("tasks", "learning", "assessment")


def validate(moment, before):
    """Compare, by name of app, model and permission, never by row."""
    names = Permission.objects.values_list("content_type__app_label", "content_type__model", "codename")
    held = {tuple(each) for each in names}
    old = sorted(list(each) for each in held if each[0] in OLD)
    if moment == "before":
        assert old, "there are no permissions to move"
    else:
        assert old == before, "permissions of the old apps are not as before"
    if moment == "after":
        missing = [codename for _, model, codename in before if ("core", model, codename) not in held]
        assert not missing, f"core lacks {', '.join(missing[:5])}"
    return old
