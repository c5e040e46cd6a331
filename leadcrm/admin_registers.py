"""How the admin's registers look and save: the tenant's rows, the actor's rights, an action that writes.

Rights are asked of `request.actor`. What an action finds wrong becomes an error of the form; what it
refuses goes up to the frame, which audits the attempt and shows the sentence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, NoReturn, cast
from uuid import UUID

from django import forms
from django.contrib.admin.utils import unquote
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.profiles import is_marketing_view
from apps.accounts.saving import save_row
from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.models import TenantModel
from leadcrm.http.scoping import ActorRequest

#: The values of a row's parts (its inline rows), by model.
Parts = Mapping[type[Model], list[dict[str, Any]]]


class RegisterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that shows what the action behind it found wrong, beside the place it is about."""

    found: ClassVar[Sequence[Problem]] = ()

    def clean(self) -> dict[str, Any] | None:
        """Add the action's problems to the form's own."""
        cleaned = super().clean()
        for problem in self.found:
            self.add_error(*self.spoken(problem))
        return cleaned

    def spoken(self, problem: Problem) -> tuple[str | None, str]:
        """Return the field a problem belongs to, and its sentence with the place inside the field."""
        name, _, rest = problem.pointer.removeprefix("/").partition("/")
        if name in self.fields:
            return name, f"{rest}: {problem.detail}" if rest else problem.detail
        return None, f"{problem.pointer}: {problem.detail}" if problem.pointer else problem.detail


class _ByActor:
    """Who may look and write, asked of the actor. Nothing is deleted: rows end or are switched off."""

    view_permission: ClassVar[str] = Permission.SETTINGS_READ
    write_permission: ClassVar[str] = Permission.SETTINGS_WRITE
    #: The group of fields that the whole register is of; who does not see the group does not see the register.
    of_group: ClassVar[str] = ""
    can_add: ClassVar[bool] = True

    def has_view_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        return request.actor.may(self.view_permission) and self.of_group not in request.actor.hidden_fields

    def has_add_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        return self.can_add and self.has_change_permission(request)

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        return bool(self.write_permission) and request.actor.may(self.write_permission)

    def has_delete_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        return False


class _Parts(_ByActor):
    """Rows that belong to the row above; they are saved with it, by its action."""

    extra = 0
    formfield_overrides: ClassVar[dict[Any, Any]] = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}

    def has_delete_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """A part may be taken off the whole by whoever may change the whole."""
        return self.has_change_permission(request, obj)


class ActorInline(_Parts, TabularInline):  # type: ignore[misc]
    """Parts as lines of a table; what a line is, its cells say."""

    hide_title = True


class ActorCards(_Parts, StackedInline):  # type: ignore[misc]
    """Parts as cards, where one has more to say than a line holds."""


class ActorModelAdmin(_ByActor, ModelAdmin):  # type: ignore[misc]
    """A register: the tenant's rows, the actor's rights, and an action that saves.

    `keep` is the only place that writes. `key_field` names a row for good: it can be chosen when
    the row is made and is not changed afterwards.
    """

    form = RegisterForm
    actions = None
    list_per_page = 50
    show_full_result_count = False
    key_field: ClassVar[str] = "key"
    #: What the register is called where the model's own name is not what people say.
    called: ClassVar[str] = ""
    #: Methods that a POST to `<id>/<name>/` calls: `deed(request, row) -> HttpResponse | None`.
    deeds: ClassVar[tuple[str, ...]] = ()
    #: The action that saves a row by its key and values; without one, `save_row`.
    verb: ClassVar[Any] = None
    #: The word under which the audit ledger notes that rows were shown; "" for set-up data.
    noted_read: ClassVar[str] = ""
    #: Columns and fields by the group that a role profile names; who does not see the group does not get them.
    tells: ClassVar[Mapping[str, str]] = {}
    formfield_overrides: ClassVar[dict[Any, Any]] = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}

    @property
    def title(self) -> str:
        """The register's name in the side bar and above its list."""
        name = self.called or str(self.model._meta.verbose_name_plural)
        return f"{name[0].upper()}{name[1:]}"

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the register's deeds."""
        own = [
            path(
                f"<path:object_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(require_POST(partial(self._do, name=name))),
                name=f"{self.model._meta.app_label}_{self.model._meta.model_name}_{name}",
            )
            for name in self.deeds
        ]
        return [*own, *super().get_urls()]

    def _do(self, request: ActorRequest, object_id: str, name: str) -> HttpResponse:
        """Do a deed to a row that the actor may see; the action behind it refuses and audits."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise NotFound
        answer: HttpResponse | None = getattr(self, name)(request, row)
        opts = self.model._meta
        return answer or redirect(f"admin:{opts.app_label}_{opts.model_name}_change", row.pk)

    def has_module_permission(self, request: ActorRequest) -> bool:
        """Show the register's group to whoever may look into the register."""
        return self.has_view_permission(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the columns that the actor's role does not see."""
        return self._shown(request, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Leave out the filters by what the actor's role does not see."""
        return self._shown(request, super().get_list_filter(request))

    def get_fieldsets(self, request: ActorRequest, obj: Any = None) -> Any:
        """Leave out the fields that the actor's role does not see."""
        sets = super().get_fieldsets(request, obj)
        return [(name, {**options, "fields": self._shown(request, options["fields"])}) for name, options in sets]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Look for nothing that the actor's role does not see: an answer would confirm it."""
        return self._shown(request, super().get_search_fields(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody narrow a list by an address to what their role does not see."""
        return bool(self._shown(request, [lookup])) and super().lookup_allowed(lookup, value, request)

    def _shown(self, request: HttpRequest, names: Iterable[Any]) -> tuple[Any, ...]:
        actor = cast(ActorRequest, request).actor
        # A register tells of many at once: a marketing view reads no names there, whichever of them are PHI.
        hidden = actor.hidden_fields | ({FieldGroup.CONTACT} if is_marketing_view(actor) else set())
        told = {each: self.tells.get(each.lstrip("^=@").partition("__")[0]) for each in names if isinstance(each, str)}
        return tuple(each for each in names if not isinstance(each, str) or told[each] not in hidden)

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Return the rows of the tenant in scope."""
        rows = cast(type[TenantModel], self.model).rows()
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> Sequence[str]:
        """Fix the key of a row that exists: rules, reports and files name it."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        return (*fixed, self.key_field) if obj is not None and self.key_field else fixed

    def get_form(
        self, request: ActorRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> "type[BaseModelForm[Any]]":
        """Return the form with the problems that the action found in a first try."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.found = getattr(request, "found", ())
        form.actor = request.actor
        return cast("type[BaseModelForm[Any]]", form)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer rows of the tenant in scope only."""
        target = db_field.remote_field.model
        if issubclass(target, TenantModel):
            kwargs.setdefault("queryset", target.rows())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: ActorRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the rows; where they are about people, the ledger notes which were shown."""
        with self.refusing("read"):
            answer = super().changelist_view(request, {"title": self.title, **(extra_context or {})})
        shown = getattr(answer, "context_data", {}).get("cl")
        if self.noted_read and shown is not None:
            ledger.record_read(
                actor=request.actor, what=self.noted_read, object_ids=[row.pk for row in shown.result_list]
            )
        return cast(HttpResponse, answer)

    def changeform_view(
        self,
        request: ActorRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save one row. What the action finds wrong is shown on the form; nothing is changed then.

        The answer's status 422 undoes what the first try wrote, with its audit entries.
        """
        with self.refusing("save" if request.method == "POST" else "read"):
            try:
                shown = super().changeform_view(request, object_id, form_url, extra_context)
                self._note_row(request, object_id, shown.status_code)
                return cast(HttpResponse, shown)
            except (Invalid, Conflict) as error:
                if hasattr(request, "found"):
                    raise
                request.found = getattr(error, "problems", ()) or (Problem("", error.code, error.detail),)  # type: ignore[attr-defined]
            answer = super().changeform_view(request, object_id, form_url, extra_context)
        answer.status_code = 422
        return cast(HttpResponse, answer)

    def _note_row(self, request: ActorRequest, object_id: str | None, status: int) -> None:
        """Note that a row about a person was shown; one that was not found has led elsewhere."""
        if self.noted_read and object_id is not None and request.method != "POST" and status == 200:
            ledger.record_read(actor=request.actor, what=self.noted_read, object_ids=[UUID(unquote(object_id))])

    def history_view(self, request: ActorRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the row's history where it is kept: in the audit ledger."""
        if self.get_object(request, unquote(object_id)) is None:
            raise NotFound
        return redirect(f"{reverse('admin:audit_auditentry_changelist')}?object_id={unquote(object_id)}")

    def save_model(self, request: ActorRequest, obj: Model, form: Any, change: bool) -> None:
        """Wait for the parts: `save_related` hands the whole to the action."""

    def save_related(self, request: ActorRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let the action save the row with its parts."""
        obj = form.instance
        row = self.keep(request, obj, form.cleaned_data, {each.model: _rows_of(each) for each in formsets})
        obj.pk, obj._state.adding = row.pk, False

    def keep(
        self,
        request: ActorRequest,
        obj: Any,
        data: dict[str, Any],
        parts: Parts,
    ) -> Model:
        """Save the row by its key. The verbs switch a row on, so a row that is off is saved without them."""
        find, values = self.find(obj), self.values(data)
        if self.verb is not None and values.get("is_active", True):
            values.pop("is_active", None)
            return cast(Model, type(self).verb(actor=request.actor, values=values, **find).row)
        return cast(Model, save_row(self.model, actor=request.actor, find=find, values=values).row)

    def find(self, obj: Any) -> dict[str, Any]:
        """Return what names the row; a new row may not take another's key."""
        key = getattr(obj, self.key_field)
        if obj._state.adding and cast(type[TenantModel], self.model).rows().filter(**{self.key_field: key}).exists():
            raise Invalid("Taken.", (Problem(f"/{self.key_field}", "taken", f"“{key}” exists already."),))
        return {self.key_field: key}

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's values for the row's own columns, without the key."""
        columns = {field.name for field in self.model._meta.fields}
        return {name: value for name, value in data.items() if name in columns and name != self.key_field}

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> str:
        """Say nothing: the action noted what changed."""
        return ""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave Django's own log empty: the action wrote to the audit ledger, in the same transaction."""

    log_change = log_addition

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing is deleted here."""

    @contextmanager
    def refusing(self, deed: str) -> Iterator[None]:
        """Turn the library's bare refusal into one with a sentence, which is audited."""
        word = self.model._meta.model_name or ""
        try:
            yield
        except PermissionDenied as denied:
            raise Refused(self.refusal(deed), action=f"{word}.{deed}", object_type=word) from denied

    def refusal(self, deed: str) -> str:
        """Return the sentence for somebody whose role lacks the right."""
        things = self.model._meta.verbose_name_plural
        verb = "change" if deed == "save" else "look at"
        return f"Your role may not {verb} {things} here. Ask your tenant's administrator."

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        raise NotFound


class ReadOnlyAdmin(ActorModelAdmin):
    """A register that nobody adds to, changes or empties here."""

    write_permission = ""
    can_add = False
    key_field = ""


def _rows_of(formset: Any) -> list[dict[str, Any]]:
    """Return the values of the parts that stay or come."""
    gone = set(formset.deleted_forms)
    return [
        form.cleaned_data
        for form in formset.forms
        if form not in gone and (form.has_changed() or not form.instance._state.adding)
    ]
