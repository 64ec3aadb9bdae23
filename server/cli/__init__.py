"""The command line. Each command lives in a file of its own that is imported only when it is asked for.

Mistakes end with one sentence on stderr and exit code 2; what failed on the way with 1; never with a traceback.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import TypeAlias

from server.config import Config, ConfigError
from server.config_file import load

MISTAKE = 2


class Mistake(Exception):
    """The command cannot be carried out; the message is a sentence for the person who typed it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    module, _, function = arguments.command.partition(":")
    try:
        return int(getattr(importlib.import_module(f"server.cli.{module}"), function)(arguments))
    except (Mistake, ConfigError) as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        from server.core.refusal import Refusal

        if isinstance(error, Refusal):
            return _complain(_of_refusal(error))
        if os.environ.get("DAIGANG_TRACEBACK"):
            raise
        return _complain(f"{type(error).__name__}: {error} (DAIGANG_TRACEBACK=1 shows where)")


def _complain(sentence: str) -> int:
    print(f"daigang: {sentence}", file=sys.stderr)
    return MISTAKE


def _of_refusal(refusal: BaseException) -> str:
    from server.core.refusal import MEANINGS, Refusal

    assert isinstance(refusal, Refusal)
    if refusal.temporary and refusal.params.get("what") == "store":
        if "says" in refusal.params:
            return (
                f"store.url: the database does not let us in: {refusal.params['says']}. If that is about a user, a "
                "password or a database's name, mend DAIGANG_STORE_URL; else start again when it is over"
            )
        return (
            "store.url: the database does not answer: is it running, and does DAIGANG_STORE_URL name its host, "
            "database, user and password?"
        )
    params = ", ".join(f"{name}={value}" for name, value in refusal.params.items())
    return f"{MEANINGS[refusal.code].text} ({refusal.code.value}{': ' + params if params else ''})"


def configured(arguments: argparse.Namespace) -> Config:
    """The configuration of a command. Raises `ConfigError`."""
    return load(arguments.config, os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="daigang", description="带岗: live-streamed job fairs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _run(commands)
    _import(commands)
    _account(commands)
    _check(commands)
    _simulate(commands)
    _upkeep(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(commands: Commands, name: str, text: str, command: str, *, config: bool = True) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command)
    if config:
        parser.add_argument("--config", metavar="FILE", help="configuration file (default: config.yaml if it is there)")
    return parser


def _run(commands: Commands) -> None:
    parser = _add(commands, "run", "Serve. Ends with SIGTERM or Ctrl-C.", "running:run")
    parser.add_argument("--demo", action="store_true", help="the Jilin day with one-click entries; loopback only")
    parser.add_argument("--play", metavar="60x", help="with --demo: the day plays by itself, so fast, in a fresh house")
    parser.add_argument("--dev", action="store_true", help="a trial: http is fine, pages are read from disk each time")
    parser.add_argument("--host", help="instead of server.host")
    parser.add_argument("--port", type=int, help="instead of server.port")
    text = "hub processes on this one port; more than 1 want PostgreSQL and Redis"
    parser.add_argument("--workers", type=int, default=1, metavar="N", help=text)
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)  # which of them this process is
    parser.add_argument("--doors", help=argparse.SUPPRESS)  # directory of their doors to each other


def _import(commands: Commands) -> None:
    text = "Read a 招聘岗位信息表 (xlsx, xls, csv) or a whole fair (a catalogue as json) into the store."
    parser = _add(commands, "import", text, "importing:run")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--session", metavar="ID", help="put the positions at the end of this session's shelf")
    text = "ask each enterprise's contact (联系人, 联系电话) to join as its HR; they go into sealed invitations only"
    parser.add_argument("--invite", action="store_true", help=text)
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    parser.add_argument(
        "--approve", action="store_true", help="approve what has no faults: you have looked at the file"
    )
    parser.add_argument("--report", metavar="OUT", help="write what became of each row (.xlsx, else csv)")
    parser.add_argument("--corrections", metavar="OUT", help="write the rows to correct as a workbook to send again")


def _account(commands: Commands) -> None:
    parser = commands.add_parser("account", help="Accounts of staff.", description="Accounts of staff.")
    inner = parser.add_subparsers(required=True, metavar="WHAT")
    add = _add(inner, "add", "Make an account, or give it a new password and role.", "accounts:add")
    add.add_argument("name", metavar="NAME")
    _roles(add)
    add.add_argument("--phone", help="the number the account may sign in with as well")
    add.add_argument("--shown-name", metavar="NAME", help="what others see (default: NAME)")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    grant = _add(inner, "grant", "Give an account more roles; the others stay.", "accounts:grant")
    grant.add_argument("name", metavar="NAME")
    _roles(grant)
    ungrant = _add(inner, "ungrant", "Take roles from an account; the others stay, its tokens end.", "accounts:ungrant")
    ungrant.add_argument("name", metavar="NAME")
    _roles(ungrant)
    revoke = _add(inner, "revoke", "Close an account: no password, no roles, every token void.", "accounts:revoke")
    revoke.add_argument("name", metavar="NAME")
    _add(inner, "list", "Names, roles and scopes.", "accounts:list_accounts")


def _roles(parser: argparse.ArgumentParser) -> None:
    roles = ["host", "assistant", "hr", "specialist", "operator", "admin"]
    text = "may be given again, each with its --scope in the same order"
    parser.add_argument("--role", required=True, action="append", choices=roles, help=text)
    text = "session (host, assistant), enterprise (hr, specialist) or region"
    parser.add_argument("--scope", required=True, action="append", metavar="ID", help=text)


def _check(commands: Commands) -> None:
    text = "Look whether everything is as it must be, here or (--public) from where the viewers are."
    parser = _add(commands, "check", text, "checking:run")
    parser.add_argument("--public", metavar="URL", help="test this address from outside: run it on another machine")


def _simulate(commands: Commands) -> None:
    text = (
        "Play the Jilin day through the public protocol against a running hub that holds no real fair, and compare "
        "what was accepted, stored and shown. `prepare` loads the day into an empty house and makes its staff."
    )
    parser = _add(commands, "simulate", text, "simulating:run")
    parser.add_argument("what", nargs="?", choices=("play", "prepare"), default="play")
    parser.add_argument("--hub", metavar="URL", help="the hub (default: this configuration's own address)")
    parser.add_argument("--staff", metavar="FILE", help="accounts as `prepare` wrote them (default: VAR/simulate.json)")
    parser.add_argument(
        "--speed", default="60x", metavar="60x", help="times as fast as the day, 1 to 600 (default 60x)"
    )
    parser.add_argument("--viewers", type=int, default=1000, help="persons (default %(default)s; the day had 20,000)")
    parser.add_argument(
        "--at-once", type=int, default=0, metavar="N", help="there together at the peak (default: 3 of 8)"
    )
    parser.add_argument("--halls", type=int, default=49, metavar="N", help="only so many of the 49 halls")
    parser.add_argument("--without-main", action="store_true", help="of the halls, leave the largest out first")
    parser.add_argument("--until", default="16:30", metavar="HH:MM", help="a shorter day (default %(default)s)")
    parser.add_argument("--seed", type=int, default=20211127, help="the same seed plays the same day (%(default)s)")
    parser.add_argument("--without-faults", action="store_true", help="no host's link and no hall's network dies")
    parser.add_argument(
        "--restart-hub", default="", metavar="CMD", help="a shell command that restarts the hub at 10:12"
    )
    parser.add_argument("--shared", action="store_true", help="others use the house too: more than ours may be there")
    parser.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)  # ends with its standard input
    parser.add_argument("--report", metavar="FILE", help="write all figures and differences as JSON")


def _upkeep(commands: Commands) -> None:
    text = "After a database came back from a copy: renew the epoch, so that no viewer is told 'recovered' wrongly."
    _add(commands, "restore", text, "upkeep:restore")
    text = "The address a media engine asks (video.engine), for its configuration. Keep it to yourself."
    _add(commands, "hooks", text, "media_hooks:run")
    _add(commands, "prune", "Delete what is older than retention asks to keep.", "upkeep:prune_store")
    text = "The public key other provinces want to know: it proves the tokens made here."
    _add(commands, "key", text, "upkeep:show_key")
    text = "docs/protocol.md and protocol.js, generated from the code."
    protocol = _add(commands, "protocol", text, "protocol_files:run", config=False)
    what = protocol.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write the files")
    what.add_argument("--check", action="store_true", help="exit code 1 when they are not what the code says")


if __name__ == "__main__":
    sys.exit(main())
