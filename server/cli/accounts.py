"""`daigang account add|grant|ungrant|revoke|list`."""

import argparse
import asyncio
import getpass
import secrets
import sys
from collections.abc import Iterable

from server.actions.closing import close_account
from server.cli import Mistake, configured
from server.core.limits import PASSWORD_LEAST
from server.core.model import Grant, PersonId, Role
from server.core.refusal import Code, Refusal
from server.core.rules import clean_name, normal_phone
from server.opening import now_ms, opened
from server.store import account_queries, people_queries
from server.store.store import Connection, Store
from server.store.writes import AddAccount, ChangeGrants, RevokePerson
from server.web.signin import PASSWORD_LIMIT, hash_password

BY = PersonId("cli")


def add(arguments: argparse.Namespace) -> int:
    """Make or renew an account."""
    name = arguments.name.strip()
    if not name or len(name) > 64:
        raise Mistake("NAME: wants 1 to 64 characters")
    shown = clean_name(arguments.shown_name or name)
    return asyncio.run(_add(arguments, name, shown))


async def _add(arguments: argparse.Namespace, name: str, shown: str) -> int:
    grants = _grants(arguments)
    phone = normal_phone(arguments.phone) if arguments.phone else ""
    async with opened(configured(arguments)) as store:
        for grant in grants:
            await store.read(_require_scope, grant.role, grant.scope)
        before = await store.read(account_queries.account, name)
        other = await store.read(account_queries.account_by_phone, store.keyring.phone_hmac(phone)) if phone else None
        if other is not None and other.name != name:
            raise Mistake(f"--phone: the account {other.name} has this number already; give it the role instead")
        password_hash = hash_password(_password(arguments.password_stdin))
        await store.write(
            AddAccount(
                by=BY,
                key=_key(),
                at_ms=now_ms(),
                name=name,
                shown_name=shown,
                password_hash=password_hash,
                grants=grants,
                phone=phone,
            )
        )
        if before is not None:
            # The write has ended its tokens, which say the old role; this ends what was issued while it was on its way.
            await store.write(RevokePerson(by=BY, key=_key(), at_ms=now_ms(), person=before.person))
    print(f"{name} is now {_said(grants)}.")
    return 0


def grant(arguments: argparse.Namespace) -> int:
    """Give roles, and leave the others."""
    return asyncio.run(_change(arguments, give=True))


def ungrant(arguments: argparse.Namespace) -> int:
    """Take roles, and leave the others."""
    return asyncio.run(_change(arguments, give=False))


async def _change(arguments: argparse.Namespace, *, give: bool) -> int:
    grants = _grants(arguments)
    async with opened(configured(arguments)) as store:
        account = await _account(store, arguments.name)
        for one in grants if give else ():
            await store.read(_require_scope, one.role, one.scope)
        change = {"add": grants} if give else {"remove": grants}
        await store.write(ChangeGrants(by=BY, key=_key(), at_ms=now_ms(), person=account.person, **change))
        account = await _account(store, arguments.name)
    print(f"{account.name} is now {_said(account.grants)}.")
    return 0


def _grants(arguments: argparse.Namespace) -> tuple[Grant, ...]:
    if len(arguments.role) != len(arguments.scope):
        raise Mistake("--role and --scope: wants as many of one as of the other")
    return tuple(Grant(role=Role(r), scope=s) for r, s in zip(arguments.role, arguments.scope, strict=True))


def _said(grants: Iterable[Grant]) -> str:
    return ", ".join(f"{one.role.value} of {one.scope}" for one in grants) or "closed"


def revoke(arguments: argparse.Namespace) -> int:
    """Close an account."""
    return asyncio.run(_revoke(arguments))


async def _revoke(arguments: argparse.Namespace) -> int:
    async with opened(configured(arguments)) as store:
        account = await _account(store, arguments.name)
        await close_account(store, account, BY, now_ms)
    print(f"{account.name} is closed; running hubs end its connections within 2 s.")
    return 0


def list_accounts(arguments: argparse.Namespace) -> int:
    """Print who may what."""
    return asyncio.run(_list(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    async with opened(configured(arguments)) as store:
        for name in await store.read(account_queries.names):
            account = await _account(store, name)
            print(f"{name}\t{account.shown_name}\t{_said(account.grants)}")
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
    try:
        people_queries.place_of(conn, role, scope)
    except Refusal as refusal:
        if refusal.code is Code.NOT_FOUND:
            raise Mistake(f"--scope: there is no {refusal.params['what']} {scope}") from None
        raise
