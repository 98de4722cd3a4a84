# Host B: the streaming application, and the one-shots that prepare the broker.
FROM python:3.13-slim-trixie AS packages
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY docker/uv.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r uv.txt
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --extra spark --python /usr/local/bin/python3
COPY market market
COPY infra/__init__.py infra/jars.py infra/
COPY infra/local/__init__.py infra/local/pins.py infra/local/parts.lock infra/local/
ARG MAVEN_REPOSITORY=https://repo1.maven.org/maven2
RUN /opt/venv/bin/python -m infra.jars $MAVEN_REPOSITORY /opt/venv/lib/python3.13/site-packages/pyspark/jars

FROM python:3.13-slim-trixie
RUN apt-get update -qq \
 && apt-get install -qq --no-install-recommends openjdk-21-jre-headless >/dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s "$(dirname "$(dirname "$(readlink -f /usr/bin/java)")")" /opt/java
ENV JAVA_HOME=/opt/java PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin stock
RUN install -d -o 10001 -g 10001 /var/lib/stock-insights
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY market market
COPY infra/__init__.py infra/acls.py infra/admin.py infra/links.py infra/topics.py infra/users.py infra/
COPY spark_jobs spark_jobs
RUN python -m compileall -q .
USER 10001:10001
VOLUME /var/lib/stock-insights
CMD ["python", "-m", "spark_jobs"]
