# One image for every role: `serve` (web processes), `worker`, `admin`. Wheels only, so nothing is compiled.
FROM python:3.11-slim

RUN useradd --system --create-home --uid 10001 soundwell
WORKDIR /srv/soundwell

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY dsp dsp
COPY server server
COPY clients/web clients/web

ENV PYTHONPATH=/srv/soundwell \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/var/lib/soundwell \
    LOG_FORMAT=json

RUN install -d -o soundwell -g soundwell /var/lib/soundwell
VOLUME /var/lib/soundwell
USER soundwell
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]

ENTRYPOINT ["python", "-m", "server"]
CMD ["serve"]
