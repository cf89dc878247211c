# The bot in one container. It writes to /data, where its state lives, and to /tmp, and nowhere else:
#   docker build -t faultmaven-slack .
#   docker run --env-file .env -v faultmaven:/data -p 8080:8080 --read-only --tmpfs /tmp --init faultmaven-slack
# With Postgres: deploy/compose.yml and deploy/kubernetes.
FROM python:3.11.14-slim-bookworm AS build
RUN python -m venv --without-pip /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock ./
RUN /usr/local/bin/pip --python /opt/venv/bin/python install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot ./bot
RUN /usr/local/bin/pip --python /opt/venv/bin/python install --no-deps --no-build-isolation .

FROM python:3.11.14-slim-bookworm
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="FaultMaven for Slack" \
    org.opencontainers.image.description="Indexes the files your team shares in Slack and answers with passages that name file, page and message." \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
# Scans and images are read with it: 25 MB. Other languages: add tesseract-ocr-deu, tesseract-ocr-fra, …
# No version: Debian's archive keeps none but the latest.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tesseract-ocr && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
RUN useradd --system --uid 10001 --user-group --no-create-home faultmaven && install -d -o faultmaven -g faultmaven -m 700 /data
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    FM_HOST=0.0.0.0 FM_PORT=8080 FM_DATA_DIR=/data
# By number, so that Kubernetes knows it for nobody's root.
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"FM_PORT\"]}/healthz', timeout=4)"]
# Draining takes up to 30 s: `docker stop --time 40`.
STOPSIGNAL SIGTERM
ENTRYPOINT ["fm"]
CMD ["serve"]
