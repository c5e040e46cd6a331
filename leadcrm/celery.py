"""The Celery app: wake-ups and the beat that sweeps. Correctness lives in the outbox, not here."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings.base")

app = Celery("leadcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=60,
    task_time_limit=90,
    task_publish_retry=False,
    broker_connection_timeout=0.5,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_default_queue="default",
    beat_schedule={
        "anchor": {"task": "audit.anchor", "schedule": 3_600.0, "options": {"expires": 1_800}},
        "drain": {"task": "outbox.drain", "schedule": 1.0, "options": {"expires": 1}},
        "quality": {"task": "quality.run_all", "schedule": 900.0, "options": {"expires": 600}},
        "marketing": {"task": "reporting.marketing", "schedule": 900.0, "options": {"expires": 600}},
        "reports": {"task": "reporting.watch", "schedule": 21_600.0, "options": {"expires": 3_600}},
        "unusual": {"task": "compliance.watch", "schedule": 300.0, "options": {"expires": 240}},
        "sweep": {"task": "flows.sweep", "schedule": 60.0, "options": {"expires": 55}},
    },
)
app.autodiscover_tasks()
