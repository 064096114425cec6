# One image for migrate, web, worker and beat. The embedded servers are not used in it.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GUIFAN_PROFILE=production \
    STATIC_ROOT=/srv/static DATA_DIR=/srv/data
WORKDIR /srv/guifan

COPY requirements.lock requirements-tools.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-tools.lock \
    && uv pip install --system --no-cache --require-hashes -r requirements.lock

COPY . .
RUN useradd --system --uid 10001 guifan \
    && mkdir -p /srv/static /srv/data /srv/anchors /srv/keys \
    && BUILDING=1 SECRET_KEY=none python manage.py translations \
    && BUILDING=1 SECRET_KEY=none python manage.py collectstatic --no-input --verbosity 0 \
    && chown guifan /srv/data /srv/anchors /srv/keys \
    && chmod 0700 /srv/keys

USER guifan
VOLUME /srv/data /srv/anchors
EXPOSE 8000
CMD ["python", "manage.py", "serve", "web"]
