-- Who holds which permission of core, by name: groups and people.
SELECT 'group' AS holder, grants.group_id AS id, kind.model, permission.codename
FROM auth_group_permissions AS grants
JOIN auth_permission AS permission ON permission.id = grants.permission_id
JOIN django_content_type AS kind ON kind.id = permission.content_type_id
WHERE kind.app_label = 'core'
UNION ALL
SELECT 'person', grants.user_id, kind.model, permission.codename
FROM users_user_user_permissions AS grants
JOIN auth_permission AS permission ON permission.id = grants.permission_id
JOIN django_content_type AS kind ON kind.id = permission.content_type_id
WHERE kind.app_label = 'core'
ORDER BY 1, 2, 3, 4
