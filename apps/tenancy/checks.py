"""System checks: every model says whether it belongs to a tenant or to nobody."""

import os
from typing import Any

from django.apps import apps
from django.conf import settings
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
        if model._meta.managed and declaration_of(model) is None and model._meta.db_table not in THIRD_PARTY_GLOBAL
    ]


@register("tenancy")
def clock_is_not_shifted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Fail when the clock is shifted in a run that is no rehearsal: every deadline would be wrong."""
    if os.environ.get("LEADCRM_CLOCK_SHIFT_SECONDS", "0") in ("", "0") or settings.LEADCRM_DEMO:
        return []
    return [Error("LEADCRM_CLOCK_SHIFT_SECONDS is set outside a demo run.", id="tenancy.E002")]
