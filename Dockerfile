FROM python:3.12-slim AS build

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bus bus
COPY adapters adapters
COPY schemas schemas
COPY depara depara
RUN python -m venv /opt/bus && /opt/bus/bin/python -m pip install --no-cache-dir .

FROM python:3.12-slim

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin bus \
    && install -d -o bus -g bus /var/lib/bus /etc/bus
COPY --from=build /opt/bus /opt/bus
COPY routes.yaml /etc/bus/routes.yaml

ENV PATH=/opt/bus/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BUS_HOST=0.0.0.0 \
    BUS_PORT=8080 \
    BUS_JOURNAL=/var/lib/bus/journal.sqlite \
    BUS_ROUTES=/etc/bus/routes.yaml

USER bus
WORKDIR /var/lib/bus
VOLUME /var/lib/bus
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['BUS_PORT']}/health/live\", timeout=4)"]

CMD ["bus", "serve"]
