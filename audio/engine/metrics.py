"""What Prometheus reads at /metrics: requests and jobs, counted and timed, summed over all worker processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from audio.services.base import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        # Imported when the directory is known: prometheus_client chooses then whether its values are shared.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()
        self._requests = Counter(
            "audio_requests_total", "HTTP requests, by status.", ["method", "status"], registry=self._registry
        )
        self._jobs = Histogram(
            "audio_job_seconds",
            "Time from the typed inputs of a job to its stored answer.",
            ["service", "version"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._failures = Counter(
            "audio_jobs_failed_total", "Jobs without an answer.", ["service", "version"], registry=self._registry
        )

    def request(self, method: str, status: int) -> None:
        self._requests.labels(method, str(status)).inc()

    @contextmanager
    def job(self, service: Service) -> Iterator[None]:
        """Time and count the job that is done within."""
        labels = (service.name, str(service.version))
        begin = time.perf_counter()
        try:
            yield
        except BaseException:
            self._failures.labels(*labels).inc()
            raise
        self._jobs.labels(*labels).observe(time.perf_counter() - begin)

    def exposition(self) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if os.environ.get(_DIRECTORY):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
