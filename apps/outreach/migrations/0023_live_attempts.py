"""Contacts that are being made right now: one at a time with a person (row TK-09)."""

import django.db.models.deletion
from django.db import migrations, models

import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0022_scripts_of_calls"),
        ("accounts", "0008_approve_templates"),
        ("leads", "0026_erased_at"),
        ("tenancy", "0004_tenant_keys"),
    ]
    operations = [
        migrations.CreateModel(
            name="LiveAttempt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("call", "call"), ("text", "text"), ("email", "email")], max_length=10),
                ),
                ("actor_id", models.UUIDField()),
                ("actor_label", models.CharField(max_length=200)),
                ("begun_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("provider_ref", models.CharField(blank=True, db_default="", default="", max_length=64)),
                (
                    "call_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dialling", "dialling"),
                            ("ringing", "ringing"),
                            ("talking", "talking"),
                            ("completed", "completed"),
                            ("busy", "busy"),
                            ("no_answer", "no answer"),
                            ("failed", "failed"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                    ),
                ),
                ("duration_seconds", models.PositiveIntegerField(null=True)),
                (
                    "lead",
                    apps.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="live_attempts", to="leads.lead"
                    ),
                ),
                (
                    "member",
                    apps.tenancy.fields.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=apps.tenancy.scope.current_organization_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(ended_at__isnull=True),
                        fields=("organization", "lead"),
                        name="one_live_attempt",
                    ),
                    models.UniqueConstraint(
                        condition=~models.Q(provider_ref=""),
                        fields=("organization", "provider_ref"),
                        name="live_attempt_of_call",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InboundCall",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("call_ref", models.CharField(max_length=80)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "lead",
                    apps.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="inbound_calls", to="leads.lead"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=apps.tenancy.scope.current_organization_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "call_ref"), name="inbound_call_once"),
                ],
            },
        ),
    ]
