"""The registers of relationships and opportunities: to look at. They are worked on where their owners are."""

from django.contrib.admin import display

from apps.accounts.terms import Permission
from apps.relationships.models import Opportunity, Relationship
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site


class RelationshipAdmin(ReadOnlyAdmin):
    """Groups outside with whose the relationship is."""

    view_permission = Permission.RELATIONSHIP_VIEW
    list_display = ("party", "owner_team", "owner", "owner_since", "created_at")
    list_filter = ("owner_team",)
    list_select_related = ("party", "owner_team", "owner__user")
    search_fields = ("party__name",)
    ordering = ("party__name", "id")
    fields = ("party", "owner_team", "owner", "owner_since", "owned_because", "created_at")


class OpportunityAdmin(ReadOnlyAdmin):
    """What may come of relationships, with whose each is."""

    view_permission = Permission.RELATIONSHIP_VIEW
    list_display = ("name", "group", "stage", "owner_team", "owner", "owner_since", "opened_at")
    list_filter = ("stage", "owner_team")
    list_select_related = ("relationship__party", "owner_team", "owner__user")
    search_fields = ("name", "relationship__party__name")
    ordering = ("-opened_at", "-id")
    fields = (
        *("name", "group", "stage", "owner_team", "owner", "owner_since", "owned_because"),
        *("terms", "next_steps", "terms_label", "terms_at", "approved_label", "approved_at", "opened_at"),
    )
    readonly_fields = ("group",)

    @display(description="relationship")
    def group(self, row: Opportunity) -> str:
        """Return the group's name."""
        return str(row.relationship.party.name)


site.register(Relationship, RelationshipAdmin)
site.register(Opportunity, OpportunityAdmin)
