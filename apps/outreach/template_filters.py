"""The filters of the register of message templates: by the tags for whom they are."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet

from apps.accounts.terms import choices
from apps.catalog.queries import services_by_key
from apps.catalog.terms import ServiceKind
from apps.consent.terms import Purpose
from apps.outreach.models import Template, TemplateVersion
from apps.outreach.template_tags import stage_names
from apps.outreach.template_terms import Goal, TemplateState

Choices = Iterable[tuple[str, str]]


def services() -> list[tuple[str, str]]:
    """Return the service lines that a template can be for."""
    return [(key, row.name) for key, row in services_by_key().items()]


class _ByTag(SimpleListFilter):
    """Templates of which a version that is worked on or sent carries a tag."""

    offered: ClassVar[Callable[[], Choices]]

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """Return the values of the tag."""
        return list(type(self).offered())

    def queryset(self, request: Any, queryset: QuerySet[Template]) -> QuerySet[Template]:
        """Return the templates with it."""
        if not self.value():
            return queryset
        rows = TemplateVersion.rows().exclude(state=TemplateState.RETIRED)
        return queryset.filter(id__in=rows.filter(**self.sought()).values("template_id"))

    def sought(self) -> dict[str, Any]:
        """Return what the version says."""
        return {str(self.parameter_name): self.value()}


class ByStage(_ByTag):
    """By the stage at which people are offered it."""

    title, parameter_name = "stage", "stage"
    offered = staticmethod(lambda: stage_names().items())

    def sought(self) -> dict[str, Any]:
        """Look into the list."""
        return {"stages__contains": [self.value()]}


class ByCategory(_ByTag):
    """By the kind of service."""

    title, parameter_name = "category", "category"
    offered = staticmethod(lambda: choices(ServiceKind))


class ByService(_ByTag):
    """By the service line."""

    title, parameter_name = "service line", "service"
    offered = staticmethod(services)


class ByPurpose(_ByTag):
    """By what the person must have permitted."""

    title, parameter_name = "purpose", "purpose"
    offered = staticmethod(lambda: choices(Purpose))


class ByGoal(_ByTag):
    """By what it is to bring about."""

    title, parameter_name = "goal", "goal"
    offered = staticmethod(lambda: choices(Goal))


class ByState(_ByTag):
    """By how far a version is."""

    title, parameter_name = "state", "state"
    offered = staticmethod(lambda: [each for each in choices(TemplateState) if each[0] != TemplateState.RETIRED])


FILTERS = (ByStage, ByCategory, ByService, ByPurpose, ByGoal, ByState)
