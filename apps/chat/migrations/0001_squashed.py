import apps.chat.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('chat', '0001_initial'), ('chat', '0002_waiting_tasks')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('catalog', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChatPage',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('slug', models.SlugField(max_length=63)),
                ('title', models.CharField(max_length=200)),
                ('source', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.source')),
                ('consent_version', models.CharField(max_length=20)),
                ('allowed_sites', models.JSONField(blank=True, default=list)),
                ('is_published', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'slug'), name='chat_page_slug')],
            },
        ),
        migrations.CreateModel(
            name='Chat',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('page', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chats', to='chat.chatpage')),
                ('state', models.CharField(choices=[('open', 'open'), ('waiting', 'waiting'), ('accepted', 'accepted'), ('missed', 'missed'), ('abandoned', 'abandoned'), ('ended', 'ended')], default=apps.chat.terms.ChatState['OPEN'], max_length=10)),
                ('language', models.CharField(db_default='en', default=apps.chat.terms.Language['ENGLISH'], max_length=2)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('is_urgent', models.BooleanField(default=False)),
                ('misses', models.PositiveSmallIntegerField(default=0)),
                ('address_digest', models.CharField(max_length=64)),
                ('opened_at', models.DateTimeField()),
                ('last_line_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('accepted_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('ended_at', models.DateTimeField(null=True)),
                ('contact', models.BinaryField(null=True)),
                ('contact_at', models.DateTimeField(null=True)),
                ('submission_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'accepted'])), fields=['organization', 'waiting_since'], name='chat_waiting'), models.Index(fields=['organization', 'address_digest', 'opened_at'], name='chat_of_address')],
            },
        ),
        migrations.CreateModel(
            name='ChatTask',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('chat', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='chat.chat')),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('is_urgent', models.BooleanField(default=False)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'open'), ('done', 'done'), ('cancelled', 'cancelled')], default=apps.chat.terms.TaskState['OPEN'], max_length=10)),
                ('assignee', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_because', models.CharField(blank=True, max_length=60)),
                ('alerted_at', models.DateTimeField(null=True)),
                ('alerted', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('alerted__isnull', False), ('state', 'open')), fields=['organization', 'alerted'], name='chat_task_alerted')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organization', 'chat'), name='one_open_chat_task')],
            },
        ),
        migrations.CreateModel(
            name='ChatLine',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('chat', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='chat.chat')),
                ('number', models.PositiveIntegerField()),
                ('by', models.CharField(max_length=8)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('sealed', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('nonce', models.CharField(max_length=40, null=True)),
                ('rule_id', models.CharField(blank=True, max_length=40)),
                ('version', models.PositiveIntegerField(null=True)),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'chat', 'number'), name='chat_line_number'), models.UniqueConstraint(fields=('organization', 'chat', 'nonce'), name='chat_line_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='chatline',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='76643493bc4c8143fbd73d50a6b2c6d336991f4a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b70a0', table='chat_chatline', when='BEFORE')),
        ),
    ]
