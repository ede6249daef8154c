"""What Prometheus reads at /metrics: requests and jobs, counted and timed, summed over all worker processes."""

from __future__ import annotations

import os
import time
from typing import Any

from audio.services.base import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Timing:
    """One job: its time, or that it failed."""

    __slots__ = ("_begin", "_failures", "_times")

    def __init__(self, times: Any, failures: Any) -> None:
        self._times, self._failures = times, failures

    def __enter__(self) -> None:
        self._begin = time.perf_counter()

    def __exit__(self, kind: object, _error: object, _traceback: object) -> None:
        if kind is None:
            self._times.observe(time.perf_counter() - self._begin)
        else:
            self._failures.inc()


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        # Imported when the directory is known: prometheus_client chooses then whether its values are shared.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()
        # By their labels, as to find one costs more than to count.
        self._of_requests: dict[tuple[str, int], Any] = {}
        self._of_jobs: dict[tuple[str, int], tuple[Any, Any]] = {}
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
        counter = self._of_requests.get((method, status))
        if counter is None:
            counter = self._of_requests[method, status] = self._requests.labels(method, str(status))
        counter.inc()

    def job(self, service: Service) -> Timing:
        """Times and counts the job that is done within."""
        found = self._of_jobs.get((service.name, service.version))
        if found is None:
            labels = (service.name, str(service.version))
            found = (self._jobs.labels(*labels), self._failures.labels(*labels))
            self._of_jobs[service.name, service.version] = found
        return Timing(*found)

    def exposition(self) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if os.environ.get(_DIRECTORY):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
