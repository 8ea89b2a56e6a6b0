"""Names that Django and Django REST framework call by themselves, as their documentation lists them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from harness.probes.sources import Source

APPS = ("*Config", "ready", "Meta", "Media", "Migration", "Command", "handle", "add_arguments", "urlpatterns")
REQUESTS = ("get", "post", "put", "patch", "delete", "head", "options", "dispatch", "initial", "as_view")
MODELS = (
    "save",
    "clean",
    "clean_*",
    "full_clean",
    "get_absolute_url",
    "natural_key",
    "get_by_natural_key",
    "get_queryset",
)
FIELDS = (
    "from_db_value",
    "to_python",
    "get_prep_value",
    "get_db_prep_*",
    "pre_save",
    "deconstruct",
    "db_type",
    "contribute_to_class",
)
EXPRESSIONS = ("as_sql", "as_postgresql", "as_sqlite", "as_mysql", "as_oracle", "resolve_expression", "convert_value")
OPERATIONS = (
    "state_forwards",
    "database_forwards",
    "database_backwards",
    "describe",
    "migration_name_fragment",
    "reduce",
)
MIDDLEWARE = ("process_view", "process_exception", "process_template_response", "process_request", "process_response")
SERIALIZERS = ("to_representation", "to_internal_value", "validate", "validate_*", "create", "update", "run_validation")
VIEWS = (
    *("list", "retrieve", "destroy", "partial_update", "perform_create", "perform_update", "perform_destroy"),
    *("get_object", "get_serializer", "get_serializer_class", "get_serializer_context", "get_permissions"),
    *("get_authenticators", "get_parsers", "get_renderers", "get_throttles", "get_exception_handler"),
    *("handle_exception", "finalize_response", "initialize_request", "check_permissions", "filter_queryset"),
    *(
        "paginate_queryset",
        "get_paginated_response",
        "get_paginated_response_schema",
        "get_schema_operation_parameters",
    ),
)
POLICIES = (
    *("has_permission", "has_object_permission", "authenticate", "authenticate_header", "authenticate_credentials"),
    *("allow_request", "wait", "get_rate", "get_cache_key", "get_ident", "throttle_success", "throttle_failure"),
    *("determine_metadata", "determine_actions", "get_field_info", "get_serializer_info", "parse", "render"),
)
ADMIN = ("list_display", "list_filter", "search_fields", "get_urls", "get_form", "save_model", "delete_model")
ROUTERS = ("db_for_read", "db_for_write", "allow_relation", "allow_migrate")

CALLED = [
    *(*APPS, *REQUESTS, *MODELS, *FIELDS, *EXPRESSIONS, *OPERATIONS, *MIDDLEWARE, *SERIALIZERS),
    *(*VIEWS, *POLICIES, *ADMIN, *ROUTERS),
]
DECORATORS = ["@receiver*", "@register.*", "@admin.*", "@action*", "@api_view*"]


def method_fields(sources: Sequence[Source]) -> list[str]:
    """Return `get_total` for each field `total = SerializerMethodField()`."""
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                kind = ast.unparse(node.value.func).rpartition(".")[2]
                targets = [each.id for each in node.targets if isinstance(each, ast.Name)]
                found += [f"get_{target}" for target in targets if kind == "SerializerMethodField"]
    return found
