"""The command line: thin commands that parse, call one function, and print.

Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 something failed (one line a
failure), 2 the command line is wrong. A command's module is imported when the command is called, so that `--help`
answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from collector import __version__
from collector.cli.calling import LazyGroup, shared_options
from collector.errors import CollectorError, WrongUsageError

COMMANDS = {
    "demo": "Show the whole job in seconds, without a network.",
    "init": "Write a configuration to begin with.",
    "check": "Look whether everything is ready.",
    "run": "Collect and send digests until stopped.",
    "serve": "Serve the pages until stopped.",
    "tick": "Do everything that is due, once.",
    "poll": "Ask the sources now.",
    "add": "Keep one post by its address.",
    "backfill": "Walk back through what the sources still hold.",
    "import": "Bring in posts from exports that you already have.",
    "export": "Give posts out as CSV or JSON Lines.",
    "digest": "List, show and send digests.",
    "subscribers": "List, add, remove, import and export who gets digests; what came back.",
    "hide": "Keep a post or an author out of digests and exports.",
    "unhide": "Let a hidden post or author in again.",
    "about": "Everything held about a person, as JSON.",
    "forget": "Erase somebody, or a post, and never collect it again.",
    "status": "What is collected, how the sources are, what comes next.",
    "db": "Look after the database.",
}


@click.group("collector", cls=LazyGroup, commands_in="collector.cli", short_helps=COMMANDS)
@click.version_option(__version__, prog_name="collector")
@shared_options
def cli() -> None:
    """Bring the posts of a hashtag together, keep them, and turn each week into a digest.

    New here? 'collector demo' shows the whole job in seconds; 'collector init' writes a configuration.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command and ends the process with its exit code; never with a traceback for what a user can cause."""
    _open_the_ways_out()
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(arguments, prog_name="collector", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _fail(_usage(error), error.exit_code)
    except click.Abort:
        return _fail("stopped")
    except CollectorError as error:
        return _fail(str(error) or type(error).__name__, 2 if isinstance(error, WrongUsageError) else 1)
    except SystemExit:  # click's way to say that the reader of our output has seen enough
        result = 0
    except OSError as error:
        return _fail_to_write(error)
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int = 1) -> int:
    """One line a failure, on standard error."""
    with suppress(OSError):
        for line in message.splitlines():
            click.echo(f"collector: {line}", err=True)
    return code


def _usage(error: click.ClickException) -> str:
    """click's message as one line, with where to look further."""
    message = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    further = f"; see '{context.command_path} --help'" if context else ""
    return f"{message[:1].lower()}{message[1:]}{further}"


def _fail_to_write(error: OSError) -> int:
    """Rooms translate their own failures, so this one is about what the command itself reads and prints."""
    code = _fail(f"{error.filename or 'standard output'}: {(error.strerror or str(error)).lower()}")
    with suppress(OSError):  # what could not be written is still in the buffer, and would fail again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _open_the_ways_out() -> None:
    """Standard output and error are there, and take every character: in a pipe as UTF-8, whatever the locale."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 (until the end)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
