# The service, for a Neo4j beside it (NEO4J_URI). Debian's slim image and not Alpine: all our wheels are for glibc.
FROM python:3.12.14-slim@sha256:7a8b475003c4fe15a2cd4e55e5cfc2f3560bdc9333d624f24cdd6d4340fd7a17

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/data

WORKDIR /srv/whograph

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt \
    && useradd --system --uid 10001 --no-create-home whograph \
    && install --directory --mode=0700 --owner=whograph /data

COPY . .

USER whograph
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', 8000)}/health/live\", timeout=4)"]

# Workers show that they live by touching a file, which must not wait for a disk.
CMD ["gunicorn", "--worker-tmp-dir", "/dev/shm", "wsgi:app"]
