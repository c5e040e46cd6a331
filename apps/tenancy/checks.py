"""System checks: every model says whether it belongs to a tenant or to nobody."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from apps.tenancy.protection import THIRD_PARTY_GLOBAL, declaration_of


@register("tenancy")
def every_model_declares(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Fail for a model that is neither a tenant's nor declared global with a reason."""
    return [
        Error(
            f"{model._meta.label} is neither a TenantModel nor declared global.",
            hint="Inherit TenantModel, or set `global_because` to the reason.",
            id="tenancy.E001",
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and declaration_of(model) is None
        and model._meta.db_table not in THIRD_PARTY_GLOBAL
    ]
