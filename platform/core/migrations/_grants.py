"""Copies content types, permissions and grants from one app label to another, and removes them."""

from django.conf import settings

ADOPTED = [
    ("tasks", "learningtask"),
    ("tasks", "assessmenttask"),
    ("tasks", "quiztask"),
    ("learning", "course"),
    ("assessment", "submission"),
    ("assessment", "quiz"),
    ("assessment", "userprogress"),
]


def copy_grants(through, holder, source, target):
    """Grants `target` to every holder (group or user) of `source`."""
    grants = through.filter(permission_id=source.pk).values_list(holder, flat=True)
    copies = [through.model(**{holder: pk, "permission_id": target.pk}) for pk in grants.iterator()]
    through.bulk_create(copies, batch_size=1000, ignore_conflicts=True)


class Copier:
    """Copies what belongs to one model from one app label to another."""

    def __init__(self, apps, alias):
        user_model = apps.get_model(settings.AUTH_USER_MODEL)
        self.content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
        self.permissions = apps.get_model("auth", "Permission").objects.using(alias)
        self.group_grants = apps.get_model("auth", "Group").permissions.through.objects.using(alias)
        self.user_grants = user_model.user_permissions.through.objects.using(alias)

    def copy(self, model, source_label, target_label):
        source = self.content_types.filter(app_label=source_label, model=model).first()
        if source is None:
            return
        target, _ = self.content_types.get_or_create(app_label=target_label, model=model)
        for permission in self.permissions.filter(content_type_id=source.pk):
            copied, _ = self.permissions.get_or_create(
                content_type_id=target.pk, codename=permission.codename, defaults={"name": permission.name}
            )
            copy_grants(self.group_grants, "group_id", permission, copied)
            copy_grants(self.user_grants, "user_id", permission, copied)

    def remove(self, model, label):
        self.content_types.filter(app_label=label, model=model).delete()

    def remove_unless_granted(self, model, label):
        permissions = self.permissions.filter(content_type__app_label=label, content_type__model=model)
        keys = list(permissions.values_list("pk", flat=True))
        grants = self.group_grants.filter(permission_id__in=keys), self.user_grants.filter(permission_id__in=keys)
        if not any(grant.exists() for grant in grants):
            self.remove(model, label)
