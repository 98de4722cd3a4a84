# Host C: the API, the page, and the migrations of its database.
FROM python:3.13-slim-trixie AS packages
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY docker/uv.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r uv.txt
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --extra api --python /usr/local/bin/python3
# Of pyarrow Parquet alone is used: its clients of clouds and servers, headers and tests would be a third of the image.
RUN find /opt/venv -path '*/pyarrow/*' \( -name '*flight*' -o -name '*substrait*' -o -name '*s3*' -o -name include -o -name tests \) \
    -prune -exec rm -rf {} +

FROM python:3.13-slim-trixie
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin stock
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY market market
COPY infra/__init__.py infra/migrate.py infra/
COPY infra/migrations infra/migrations
COPY api api
COPY frontend frontend
RUN python -m compileall -q .
USER 10001:10001
CMD ["python", "-m", "api"]
