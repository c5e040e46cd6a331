import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('imports', '0001_initial'), ('imports', '0002_undo'), ('imports', '0003_lists_of_teams'), ('imports', '0004_opt_outs')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('capture', '0001_squashed'),
        ('catalog', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('owning_team', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('shared_team_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, db_default=[], default=list, size=None)),
                ('kind', models.CharField(choices=[('import', 'calling_list'), ('event', 'event_scan'), ('referral', 'referrals'), ('opt_out', 'opt_outs')], max_length=10)),
                ('file_name', models.CharField(max_length=200)),
                ('file', models.BinaryField(null=True)),
                ('file_digest', models.CharField(max_length=64)),
                ('source', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.source')),
                ('plan', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('open', 'open'), ('checking', 'checking'), ('checked', 'checked'), ('running', 'running'), ('done', 'done'), ('discarded', 'discarded'), ('undoing', 'undoing'), ('undone', 'undone')], max_length=10)),
                ('total', models.PositiveIntegerField()),
                ('at_row', models.PositiveIntegerField(default=0)),
                ('takes_duplicates', models.BooleanField(default=False)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_label', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('undone_by', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='imports.importrun')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('ready', 'ready'), ('duplicate', 'duplicate'), ('refused', 'refused'), ('taken', 'taken'), ('left', 'left'), ('withdrawn', 'withdrawn'), ('unjoined', 'unjoined'), ('kept', 'kept')], max_length=10)),
                ('problems', models.JSONField(default=list)),
                ('submission', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.submission')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'run', 'number'), name='import_row_once')],
            },
        ),
    ]
