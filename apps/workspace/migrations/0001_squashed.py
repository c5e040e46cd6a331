import apps.catalog.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('workspace', '0001_saved_views'), ('workspace', '0002_field_purposes')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('member', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('team', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('name', models.CharField(max_length=40)),
                ('words', models.JSONField(default=dict)),
                ('purpose', models.CharField(choices=[('care', 'care'), ('scheduling', 'scheduling'), ('payment', 'payment'), ('reporting', 'reporting'), ('marketing', 'marketing')], db_default='care', default=apps.catalog.terms.FieldUse['CARE'], max_length=12)),
                ('is_default', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['created_at', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('team__isnull', True)), fields=('organization', 'member', 'name'), name='own_view_name'), models.UniqueConstraint(condition=models.Q(('team__isnull', False)), fields=('organization', 'team', 'name'), name='team_view_name'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('organization', 'team'), name='one_default_view'), models.CheckConstraint(condition=models.Q(('is_default', False), ('team__isnull', False), _connector='OR'), name='default_is_a_teams')],
            },
        ),
    ]
