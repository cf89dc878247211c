# The bot in one container. State lives in /data: mount a volume there.
#   docker build -t faultmaven-slack . && docker run --env-file .env -v faultmaven:/data -p 8080:8080 faultmaven-slack
FROM python:3.11-slim AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot ./bot
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# Scans and images are read with it: 25 MB. Other languages: add tesseract-ocr-deu, tesseract-ocr-fra, …
RUN apt-get update && apt-get install -y --no-install-recommends tesseract-ocr && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
RUN useradd --system --uid 10001 --user-group faultmaven && install -d -o faultmaven -g faultmaven -m 700 /data
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 FM_HOST=0.0.0.0 FM_PORT=8080 FM_DATA_DIR=/data
USER faultmaven
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"FM_PORT\"]}/healthz', timeout=4)"]
# Draining takes up to 30 s: `docker stop --time 40`.
STOPSIGNAL SIGTERM
ENTRYPOINT ["fm"]
CMD ["serve"]
