# One image for web, worker, beat and migrations. Not root, and nothing but the locked packages.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY manage.py pyproject.toml ./
COPY leadcrm leadcrm
COPY apps apps
COPY templates templates
COPY static static

RUN useradd --system --uid 10001 --no-create-home leadcrm \
    && install -d -o leadcrm -g leadcrm -m 0700 .data
USER leadcrm

EXPOSE 8000
CMD ["granian", "leadcrm.wsgi:application", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", \
     "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"]
