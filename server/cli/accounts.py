"""`daigang account add|revoke|list`."""

import argparse
import asyncio
import getpass
import secrets
import sys

from server.cli import Mistake, configured
from server.core.model import EnterpriseId, Grant, PersonId, Role, SessionId
from server.core.refusal import Code, Refusal
from server.core.rules import clean_name
from server.opening import now_ms, opened
from server.store import account_queries, catalogue_queries
from server.store.store import Connection, Store
from server.store.writes import AddAccount, RevokePerson
from server.web.signin import PASSWORD_LIMIT, hash_password

PASSWORD_LEAST = 8
NO_PASSWORD = "!"
BY = PersonId("cli")


def add(arguments: argparse.Namespace) -> int:
    """Make or renew an account."""
    name = arguments.name.strip()
    if not name or len(name) > 64:
        raise Mistake("NAME: wants 1 to 64 characters")
    shown = clean_name(arguments.shown_name or name)
    return asyncio.run(_add(arguments, name, shown))


async def _add(arguments: argparse.Namespace, name: str, shown: str) -> int:
    role = Role(arguments.role)
    async with opened(configured(arguments)) as store:
        await store.read(_require_scope, role, arguments.scope)
        before = await store.read(account_queries.account, name)
        password_hash = hash_password(_password(arguments.password_stdin))
        at_ms = now_ms()
        grants = (Grant(role=role, scope=arguments.scope),)
        await store.write(
            AddAccount(
                by=BY, key=_key(), at_ms=at_ms, name=name, shown_name=shown, password_hash=password_hash, grants=grants
            )
        )
        if before is not None:
            # Old tokens still say the old role; who holds one signs in again.
            await store.write(RevokePerson(by=BY, key=_key(), at_ms=at_ms, person=before.person))
    print(f"{name} is now {role.value} of {arguments.scope}.")
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    """Close an account."""
    return asyncio.run(_revoke(arguments))


async def _revoke(arguments: argparse.Namespace) -> int:
    async with opened(configured(arguments)) as store:
        account = await _account(store, arguments.name)
        at_ms = now_ms()
        await store.write(
            AddAccount(
                by=BY,
                key=_key(),
                at_ms=at_ms,
                name=account.name,
                shown_name=account.shown_name,
                password_hash=NO_PASSWORD,
                grants=(),
            )
        )
        await store.write(RevokePerson(by=BY, key=_key(), at_ms=at_ms, person=account.person))
    print(f"{account.name} is closed; running hubs end its connections within 2 s.")
    return 0


def list_accounts(arguments: argparse.Namespace) -> int:
    """Print who may what."""
    return asyncio.run(_list(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    async with opened(configured(arguments)) as store:
        for name in await store.read(account_queries.names):
            account = await _account(store, name)
            may = ", ".join(f"{grant.role.value} of {grant.scope}" for grant in account.grants) or "closed"
            print(f"{name}\t{account.shown_name}\t{may}")
    return 0


async def _account(store: Store, name: str) -> account_queries.Account:
    account = await store.read(account_queries.account, name)
    if account is None:
        raise Mistake(f"there is no account {name}")
    return account


def _key() -> str:
    return "cli-" + secrets.token_hex(8)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not sys.stdin.isatty():
        raise Mistake("no terminal to ask for the password: use --password-stdin")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise Mistake("the two passwords differ")
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_LIMIT:
        raise Mistake(f"a password has {PASSWORD_LEAST} to {PASSWORD_LIMIT} characters")
    return password


def _require_scope(conn: Connection, role: Role, scope: str) -> None:
    """Raises `Mistake` when the scope is no thing of the right kind: a mistyped one would give a role over nothing."""
    try:
        if role in (Role.HOST, Role.ASSISTANT):
            catalogue_queries.session(conn, SessionId(scope))
        elif role in (Role.HR, Role.SPECIALIST):
            catalogue_queries.enterprise(conn, EnterpriseId(scope))
        elif not catalogue_queries.is_region(conn, scope):
            raise Refusal(Code.NOT_FOUND, what="region", id=scope)
    except Refusal as refusal:
        if refusal.code is Code.NOT_FOUND:
            raise Mistake(f"--scope: there is no {refusal.params['what']} {scope}") from None
        raise
