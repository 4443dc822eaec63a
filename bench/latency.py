"""How fast is the released bundle here? The model alone beside the service, same comments, one run.

\b
    make bench                       # or: python -m bench.latency --seconds 10

Kernel: tokenise and run in a plain loop on one thread. Python: Classifier.classify, one comment after the other.
HTTP: `POST /v1/classify` with one and with 32 comments a request, over a real socket to a server in a process of its
own. Medians; this says nothing about load (many clients at once).
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gapshot.classifier import Classifier

OWN_COMMENTS = Path(__file__).parents[1] / "training" / "data" / "portal_comments.jsonl"
MANY = 32


def comments() -> list[str]:
    """The project's own return-form comments: short texts, as a portal sends them."""
    return [json.loads(line)["text"] for line in OWN_COMMENTS.read_text("utf-8").splitlines()]


def median_ms(call: Callable[[int], object], seconds: float) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds of `call(i)`, repeated for that many seconds after ten to warm up."""
    for i in range(10):
        call(i)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        call(len(times))
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def serve() -> tuple[subprocess.Popen[str], int]:
    """A server in its own process, ready, and its port."""
    command = [sys.executable, "-c", "from gapshot.cli import main; main()", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)
    assert server.stdout
    line = server.stdout.readline()  # "gapshot 0.1.0: http://127.0.0.1:PORT  (…"
    return server, int(line.split("http://127.0.0.1:")[1].split()[0])


@click.command(help=__doc__)
@click.option("--seconds", default=5.0, show_default=True, help="How long each line is measured.")
def main(seconds: float) -> None:
    texts = comments()
    view = Table("what", "median ms", "99 % ms", "comments/s")

    def add(name: str, figures: tuple[float, float], each: int = 1) -> None:
        median, high = figures
        view.add_row(name, f"{median:.2f}", f"{high:.2f}", f"{1000 * each / median:.0f}")

    with Classifier.load() as classifier:
        add("kernel: tokenise and run", median_ms(lambda i: classifier.scores(texts[i % len(texts)]), seconds))
        one = median_ms(lambda i: classifier.classify([{"text": texts[i % len(texts)]}]), seconds)
        add("Python: one comment", one)
        version = classifier.bundle.version
    server, port = serve()
    try:
        connection = HTTPConnection("127.0.0.1", port)

        def post(i: int, many: int) -> None:
            items = [{"text": texts[(i * many + k) % len(texts)]} for k in range(many)]
            connection.request(
                "POST", "/v1/classify", json.dumps({"comments": items}), {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body

        add("HTTP: one comment a request", median_ms(lambda i: post(i, 1), seconds))
        add(f"HTTP: {MANY} comments a request", median_ms(lambda i: post(i, MANY), seconds), MANY)
    finally:
        server.terminate()
        server.wait()
    Console().print(f"bundle {version}, {len(texts)} own comments, {seconds:g} s a line", view)


if __name__ == "__main__":
    main()
