"""`gapshot serve`: the service in one process. Knows sockets, signals and threads; does not know routes.

More machines or containers are more replicas; more processes on one would only share its CPUs.
"""

import asyncio
import ipaddress
import signal
import socket
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from gapshot import cpus
from gapshot.errors import MissingExtraError, SettingsError
from gapshot.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

STOP_SECONDS = 10
"""How long requests under way may take to finish once the service is told to stop."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--insecure", is_flag=True, help="Listen beyond this machine although anyone who can reach it may ask.")
def serve(host: str, port: int, insecure: bool) -> None:
    """Answer over HTTP until Ctrl-C or SIGTERM."""
    if not insecure and not _is_loopback(host):
        raise click.UsageError(
            f"{host} can be reached from other machines, and this version knows no keys: everyone there "
            "could ask. Listen on 127.0.0.1 behind a proxy that checks who asks, or add --insecure where the "
            "network itself is closed, as inside a container."
        )
    try:  # not above: `gapshot --help` shall neither need nor wait for the serving extra
        import uvloop

        from api import logs
        from api.app import create_app
    except ModuleNotFoundError as error:
        raise MissingExtraError("gapshot serve", "serve") from error
    logs.configure()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(create_app(Settings.read()), host, port))


async def _serve(app: "FastAPI", host: str, port: int) -> None:
    import uvicorn

    async with app.router.lifespan_context(app):  # uvicorn would tell a missing bundle as a traceback
        with _listen(host, port) as listener:
            classifier = app.state.service.classifier
            address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
            click.echo(f"gapshot {version('gapshot')}: {address}  (API: {address}/docs, stop: Ctrl-C)")
            click.echo(f"bundle {classifier.bundle.version}, taxonomy {classifier.taxonomy.version}")
            loop = type(asyncio.get_running_loop()).__module__
            click.echo(f"event loop {loop}, {classifier.threads} inference threads (CPUs granted: {cpus.granted()})")
            config = uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # uvicorn takes both; it raises them again when done
            await uvicorn.Server(config).serve([listener])


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError when the address cannot be had."""
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(
            f"cannot listen on {host} port {port} ({reason}); choose another --port or --host"
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else Nagle and delayed ACK cost 40 ms
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name; only one is known to stay on this machine
        return host == "localhost"
