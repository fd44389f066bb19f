"""How commands are found, and the options that every one of them takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collector.app import App
    from collector.config import Settings

_MODULES = {"import": "importing"}  # commands whose name no module can have

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Call:
    """What the shared options said."""

    config: Path | None = None
    is_verbose: bool = False
    is_quiet: bool = False


def this_call() -> Call:
    """The shared options of the command that is running."""
    return click.get_current_context().find_root().ensure_object(Call)


def _note(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def note(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value:
            setattr(context.find_root().ensure_object(Call), name, value)

    return note


def _shared() -> list[click.Option]:
    return [
        click.Option(
            ["--config"],
            metavar="FILE",
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=_note("config"),
            help="The configuration file.",
        ),
        click.Option(["--verbose"], is_flag=True, expose_value=False, callback=_note("is_verbose"), help="Say more."),
        click.Option(
            ["--quiet"], is_flag=True, expose_value=False, callback=_note("is_quiet"), help="Say only what is wrong."
        ),
    ]


def shared_options(function: F) -> F:
    """Puts --config, --verbose and --quiet on a group; commands get them when they are found."""
    parameters = getattr(function, "__click_params__", [])
    function.__click_params__ = [*parameters, *reversed(_shared())]  # type: ignore[attr-defined]
    return function


def with_shared_options(command: click.Command) -> click.Command:
    """The same command, and for a group each of its commands, with the shared options."""
    names = {parameter.name for parameter in command.params}
    command.params += [option for option in _shared() if option.name not in names]
    if isinstance(command, click.Group) and not isinstance(command, LazyGroup):
        for part in command.commands.values():
            with_shared_options(part)
    return command


class LazyGroup(click.Group):
    """A group whose commands stand in modules of their names, imported when called."""

    def __init__(self, *args: Any, commands_in: str, short_helps: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = commands_in
        self._short_helps = short_helps

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The commands in the order in which a newcomer meets them."""
        return list(self._short_helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, from its module."""
        if cmd_name not in self._short_helps:
            return None
        module = _MODULES.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"{self._package}.{module}").command
        return with_shared_options(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._short_helps.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but with the accepted commands in the message."""
        name = args[0]
        if not name.startswith("-") and name not in self._short_helps:
            ctx.fail(f"no command is called {name!r}; there are: {', '.join(self._short_helps)}")
        return super().resolve_command(ctx, args)


def the_settings() -> Settings:
    """The configuration that this call is about; starts logging as asked."""
    from collector.app import read_settings

    call = this_call()
    log_to_terminal(logging.INFO if call.is_verbose else logging.CRITICAL)
    return read_settings(call.config)


def log_to_terminal(level: int) -> None:
    """A command tells its failures itself; the log is for those who ask for more."""
    from collector.logs import start_logging

    start_logging("text", level)


@contextmanager
def the_app(*, needs: str = "prepared") -> Iterator[App]:
    """The collector put together.

    It `needs` a database "prepared" (made where there is none), "ready" (there), or "read up" (there, with what goes
    unread just now written down, since what goes out says so).
    """
    from collector.app import opened

    with opened(the_settings()) as app:
        if needs == "prepared":
            app.prepare()
        elif needs in {"ready", "read up"}:
            app.require()
        if needs == "read up":
            app.note_unseen()
        yield app


@contextmanager
def stoppable(app: App) -> Iterator[None]:
    """SIGTERM or Ctrl-C let a mail that is in the air arrive, and begin nothing new; the second one ends at once."""
    from collector.signals import asked_to_stop

    with asked_to_stop(app.stop, is_hasty=True):
        yield


def say_stopped() -> None:
    """The last line of a command that was stopped."""
    click.echo("collector: stopped: the same command goes on from here", err=True)


def say(text: str) -> None:
    """A word to the person, on standard error; silent with --quiet."""
    if not this_call().is_quiet:
        click.echo(text, err=True)
