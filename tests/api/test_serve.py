"""`gapshot serve` as a user starts and stops it."""

import json
import os
import re
import signal
import socket
import subprocess
import sysconfig
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.serve import serve
from gapshot import cpus

GAPSHOT = Path(sysconfig.get_path("scripts")) / "gapshot"
Start = Callable[..., "Running"]


class Running:
    """A service that has said where it listens."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        assert process.stdout is not None
        self._process = process
        self._errors = errors
        self.said = [process.stdout.readline() for _ in range(3)]
        found = re.search(r"http://\S+:(\d+)", self.said[0])
        assert found, self.errors()
        self.port = int(found[1])

    def errors(self) -> str:
        return self._errors.read_text()

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()

    def stop(self, number: int) -> int:
        self._process.send_signal(number)
        return self._process.wait(30)


@pytest.fixture
def start(bundle: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts `gapshot serve` on a free port."""
    started: list[subprocess.Popen[str]] = []

    def run(*options: str) -> Running:
        errors = tmp_path / "stderr"
        with errors.open("w") as stderr:
            process = subprocess.Popen(
                [GAPSHOT, "serve", "--port", "0", *options],
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=os.environ | {"GAPSHOT_BUNDLE": str(bundle)},
                text=True,
            )
        started.append(process)
        return Running(process, errors)

    yield run
    for process in started:
        process.kill()
        process.communicate()


def refusal(bundle: Path, *options: str) -> str:
    """What a service that does not start says."""
    command = [GAPSHOT, "serve", *options]
    env = os.environ | {"GAPSHOT_BUNDLE": str(bundle)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("options", "number"),
    [([], signal.SIGINT), (["--host", "0.0.0.0", "--insecure"], signal.SIGTERM)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_it_says_what_it_runs_answers_and_stops_cleanly(start: Start, options: list[str], number: int) -> None:
    service = start(*options)
    assert "bundle standin.1" in service.said[1]
    assert "event loop uvloop" in service.said[2]
    assert f"{cpus.granted()} inference threads" in service.said[2]
    assert service.get("/readyz") == (200, '{"status":"ready"}')
    assert service.stop(number) == 0
    lines = [json.loads(line) for line in service.errors().splitlines()]
    assert [line["route"] for line in lines] == ["/readyz"]


def test_it_survives_a_caller_who_hangs_up(start: Start) -> None:
    service = start()
    head = b"POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", service.port)) as caller:
        caller.sendall(head)
    assert service.get("/livez")[0] == 200
    assert service.stop(signal.SIGINT) == 0
    lines = [json.loads(line) for line in service.errors().splitlines()]
    assert sorted(line["status"] for line in lines) == [200, 499]
    assert {line["level"] for line in lines} == {"info"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "shop.example", ""])
def test_it_listens_beyond_this_machine_only_when_told_that_this_is_insecure(host: str) -> None:
    result = CliRunner().invoke(serve, ["--host", host])
    assert result.exit_code == 2
    assert "--insecure" in result.output


def test_a_port_that_is_taken_is_said_to_be(bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"cannot listen on 127.0.0.1 port {port}" in refusal(bundle, "--port", port)


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(tmp_path)
