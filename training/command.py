"""How the commands of training/ end: a planned error is one line and exit code 2, not a traceback."""

from typing import Any

import click

from gapshot.errors import GapshotError


class Fault(click.ClickException):
    """A GapshotError as a command shows it."""

    exit_code = 2


class Command(click.Command):
    """A click command that shows a GapshotError as its message."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GapshotError as error:
            raise Fault(" ".join(str(error).split())) from error
