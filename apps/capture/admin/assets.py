"""The register of what download forms give."""

from typing import Any

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from apps.capture.forms import save_asset
from apps.capture.models import Asset
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

#: What a browser may be told to open; everything else is a plain download.
MEDIA_TYPES = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
MOST_BYTES = 8 * 1024 * 1024


class AssetForm(RegisterForm):
    """A file or an address."""

    url = forms.URLField(
        required=False, max_length=500, assume_scheme="https", label="Address", widget=UnfoldAdminTextInputWidget
    )
    file = forms.FileField(required=False, widget=UnfoldAdminFileFieldWidget, help_text="PDF or picture, 8 MB at most.")

    def clean_file(self) -> Any:
        """Take a PDF or a picture of a fair size."""
        file = self.cleaned_data.get("file")
        if file and (file.size > MOST_BYTES or not any(file.name.lower().endswith(each) for each in MEDIA_TYPES)):
            raise forms.ValidationError("Give a PDF, PNG or JPEG of at most 8 MB.")
        return file


class AssetAdmin(ActorModelAdmin):
    """Files and addresses that download forms give (row CP-18)."""

    form = AssetForm
    called = "downloads"
    list_display = ("title", "key", "file_name", "url")
    ordering = ("title",)
    fields = ("key", "title", "url", "file", "file_name")
    readonly_fields = ("file_name",)

    def keep(self, request: ActorRequest, obj: Asset, data: dict[str, Any], parts: Parts) -> Model:
        """Save it with its file; without a new one the old file stays."""
        values = {name: data[name] for name in ("title", "url")}
        file = data.get("file")
        if file:
            ending = file.name[file.name.rfind(".") :].lower()
            values |= {"file_name": file.name[:200], "media_type": MEDIA_TYPES[ending], "data": file.read()}
        elif obj.data is not None:
            values["data"] = bytes(obj.data)
        if not values.get("url") and not values.get("data"):
            raise Invalid("Nothing to give.", (Problem("/url", "missing", "Give a file or an address."),))
        return save_asset(actor=request.actor, key=self.find(obj)["key"], values=values).row


site.register(Asset, AssetAdmin)
