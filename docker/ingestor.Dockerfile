# Host A: the feed to Kafka.
FROM python:3.13-slim-trixie AS packages
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY docker/uv.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r uv.txt
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --extra ingestor --python /usr/local/bin/python3

FROM python:3.13-slim-trixie
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin stock \
  && install -d -o stock -g stock /var/lib/stock-insights/recordings
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY market market
COPY ingestor ingestor
RUN python -m compileall -q .
USER 10001:10001
CMD ["python", "-m", "ingestor"]
