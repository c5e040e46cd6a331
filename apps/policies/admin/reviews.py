"""The register of reviews: what is to be looked at by a date, and where each is closed with what came of it."""

from typing import Any

from django.contrib.admin import display
from django.db.models import F, Model, QuerySet
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.terms import Permission
from apps.policies.models import Review
from apps.policies.reviews import close_review
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class ReviewForm(RegisterForm):
    """What came of a review; saving closes it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "outcome" in self.fields:
            self.fields["outcome"].required = True
            self.fields["outcome"].widget = UnfoldAdminTextInputWidget()
            self.fields["outcome"].help_text = "What was found and what changes, if anything. Saving closes the review."


class ReviewAdmin(ActorModelAdmin):
    """Reviews: the open ones first, the earliest due before the others. The product opens them."""

    form = ReviewForm
    view_permission, write_permission = Permission.RULES_READ, Permission.RULES_WRITE
    can_add = False
    key_field = ""
    list_display = ("sentence", "kind_words", "due_on", "closed_at", "outcome")
    list_filter = ("kind",)
    search_fields = ("sentence", "outcome")
    fields = ("sentence", "kind_words", "rules", "figures", "due_on", "outcome", "closed_at", "closed_by")
    readonly_fields = ("sentence", "kind_words", "rules", "figures", "due_on", "closed_at", "closed_by")

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Put what is still open first."""
        return Review.rows().order_by(F("closed_at").desc(nulls_first=True), "due_on", "id")

    def get_ordering(self, request: ActorRequest) -> tuple[Any, ...]:
        """Keep the order of the rows."""
        return (F("closed_at").desc(nulls_first=True), "due_on", "id")

    def keep(self, request: ActorRequest, obj: Review, data: dict[str, Any], parts: Parts) -> Model:
        """Close the review by its action."""
        return close_review(actor=request.actor, review_id=obj.pk, outcome=data["outcome"], now=request.now)

    @display(description="kind", ordering="kind")
    def kind_words(self, row: Review) -> str:
        """Return the kind in words."""
        return row.kind.replace("_", " ")

    @display(description="figures")
    def figures(self, row: Review) -> str:
        """Return the link to what is to be looked at."""
        return format_html('<a href="{}">{}</a>', row.url, "Open what it is about") if row.url else "none"


site.register(Review, ReviewAdmin)
