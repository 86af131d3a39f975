"""Celery: a quorum queue of RabbitMQ with confirms; tasks are acknowledged late, in processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import requests
from celery import Celery

from tests.benchmarks.bare import App, Schemas
from tests.benchmarks.peers.destination import check
from tests.benchmarks.serving import serve as serve_app

PROCESSES = "2"
SUBMITTING = 8
"""Threads that publish, each waiting for its confirm: Celery has no asynchronous way."""

app = Celery("peer", broker=os.environ.get("PEER_BROKER", ""))
app.conf.update(
    broker_transport_options={"confirm_publish": True},
    task_default_queue=os.environ.get("PEER_QUEUE", ""),
    task_default_queue_type="quorum",
    task_default_exchange_type="topic",
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=32,
    worker_detect_quorum_queues=True,
    worker_send_task_events=False,
)
_session = requests.Session()


@app.task(name="deliver")
def deliver(url: str, body: str) -> None:
    """Deliver a message."""
    answer = _session.post(url, data=body.encode(), timeout=60)
    check(answer.content)


class Sent:
    """Keeps a message as a task."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(SUBMITTING)

    async def keep(self, body: bytes) -> None:
        """Return when the broker has confirmed it."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, deliver.delay, self._url, body.decode())


async def serve(url: str, broker_url: str, name: str, _: str) -> None:
    """Take messages and deliver them to a URL."""
    app.conf.update(broker_url=broker_url, task_default_queue=name)
    command = ("-m", "celery", "-A", "tests.benchmarks.peers.with_celery", "worker")
    options = ("-P", "prefork", "-c", PROCESSES, "-l", "ERROR", "--without-gossip")
    worker = subprocess.Popen(  # noqa: ASYNC220 - before anything else begins
        [sys.executable, *command, *options],
        env=os.environ | {"PEER_BROKER": broker_url, "PEER_QUEUE": name},
        stdout=sys.stderr,
    )
    try:
        await serve_app(App(Sent(url), Schemas()))
    finally:
        worker.terminate()
        worker.wait()
