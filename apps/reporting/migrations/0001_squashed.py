import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('reporting', '0001_marketing_figures')]

    initial = True

    dependencies = [
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='MarketingFigure',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('day', models.DateField()),
                ('source', models.CharField(max_length=200)),
                ('source_key', models.CharField(blank=True, default='', max_length=63)),
                ('campaign', models.CharField(blank=True, default='', max_length=200)),
                ('campaign_key', models.CharField(blank=True, default='', max_length=63)),
                ('leads', models.PositiveIntegerField()),
                ('valid', models.PositiveIntegerField()),
                ('contacted', models.PositiveIntegerField()),
                ('booked', models.PositiveIntegerField()),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'day', 'source_key', 'campaign_key'), name='marketing_figure_of_day')],
            },
        ),
    ]
