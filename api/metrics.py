"""What the service counts for Prometheus. Knows names and labels; does not know where the numbers come from.

Every series exists from the start, with every label it can have: a rate over a series that appears with its
first event misses that event. One registry per application, so two in one process do not mix.
"""

from collections.abc import Iterable

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, Info

from gapshot.result import STATUSES, Result
from gapshot.taxonomy import CATEGORIES

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST

UNMATCHED = "unmatched"
"""The route of a request to an address that does not exist; its path is the caller's, and no label."""

CLIENT_GONE = 499
"""Counted when the caller hung up before the answer; a custom of proxies, never sent."""

STAGES = ("wait", "tokenise", "run")
_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of no use here


class Metrics:
    """The counters of one application. Safe to share between threads."""

    def __init__(self, routes: Iterable[str], statuses: Iterable[int]) -> None:
        """`routes`: path templates; `statuses`: every status an answer can have."""
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "gapshot_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self._stages = Histogram(
            "gapshot_stage_seconds",
            "Seconds a comment spent waiting for a thread, being tokenised, in the model.",
            ["stage"],
            registry=registry,
            buckets=_SECONDS,
        )
        self._comments = Counter("gapshot_comments", "Comments by status.", ["status"], registry=registry)
        self._gaps = Counter("gapshot_gaps", "Gaps found, by category.", ["category"], registry=registry)
        self._truncations = Counter("gapshot_truncations", "Comments longer than the model reads.", registry=registry)
        self._model = Info("gapshot_model", "The bundle and the taxonomy that answer.", registry=registry)
        statuses = tuple(statuses)
        for route in (*routes, UNMATCHED):
            for status in statuses:
                self._requests.labels(route, str(status))
        for metric, labels in ((self._stages, STAGES), (self._comments, STATUSES), (self._gaps, CATEGORIES)):
            for label in labels:
                metric.labels(label)

    def answered(self, route: str, status: int) -> None:
        """One request, whatever came of it."""
        self._requests.labels(route, str(status)).inc()

    def spent(self, stage: str, seconds: float) -> None:
        """Time of one comment in one stage; the classifier's observer."""
        self._stages.labels(stage).observe(seconds)

    def classified(self, results: Iterable[Result]) -> None:
        """The answers of one request."""
        for result in results:
            self._comments.labels(result.status).inc()
            self._truncations.inc(result.truncated)
            for gap in result.gaps:
                self._gaps.labels(gap.category).inc()

    def serving(self, version: str, taxonomy: str) -> None:
        """The bundle and taxonomy that answer from now on."""
        self._model.info({"version": version, "taxonomy": taxonomy})

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return prometheus_client.generate_latest(self._registry)
