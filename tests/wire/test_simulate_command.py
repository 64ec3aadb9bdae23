"""`daigang simulate` and `run --play` as typed: mistakes are a sentence and exit code 2, before anything is touched."""

import asyncio
import contextlib
import fcntl
import itertools
import json
from pathlib import Path

import msgspec
import pytest

from server.app import House
from server.assembling import Start
from server.cli import MISTAKE, main
from server.core.catalogue import Catalogue
from server.core.model import Grant, PersonId, Role
from server.opening import opened
from server.real_fair import end_made_up_accounts
from server.store import account_queries
from server.store.catalogue_writes import load_catalogue
from server.store.writes import AddAccount
from tests.wire.houses import make_config
from tests.wire.hubs import small_fair

WISHES = (
    (("simulate", "--speed", "900x"), "--speed: wants 1x to 600x"),
    (("simulate", "--speed", "fast"), "--speed: wants 1x to 600x"),
    (("simulate", "--until", "26:00"), "--until: wants HH:MM"),
    (("simulate", "--halls", "50"), "--halls: wants 1 to 49"),
    (("simulate", "--halls", "49", "--without-main"), "--halls: wants 1 to 48"),
    (("simulate", "--viewers", "10"), "--viewers: wants one for each hall"),
    (("simulate", "--viewers", "100", "--at-once", "200"), "--viewers"),
    (("simulate",), "simulate.json"),
    (("run", "--play", "60x"), "--play: goes with --demo"),
    (("run", "--demo", "--play", "0x"), "--speed: wants 1x to 600x"),
)


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAIGANG_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "var"


@pytest.mark.parametrize(("typed", "words"), WISHES)
def test_a_mistake_is_one_sentence(
    typed: tuple[str, ...], words: str, var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == MISTAKE
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not var.exists()


def test_prepare_writes_accounts_for_every_hall_and_enterprise(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("simulate", "prepare")) == 0
    file = var / "simulate.json"
    assert file.stat().st_mode & 0o777 == 0o600
    staff = json.loads(file.read_bytes())
    assert len({session for host in staff["hosts"] for session in host["scopes"]}) == 49
    assert len({firm for desk in staff["desks"] for firm in desk["scopes"]}) == 802
    assert staff["password"] not in capsys.readouterr().out
    assert main(("simulate", "prepare")) == 0  # again: another password for the same accounts
    assert json.loads(file.read_bytes())["password"] != staff["password"]


def real_fair() -> Catalogue:
    synthetic = small_fair()
    return msgspec.structs.replace(synthetic, fair=msgspec.structs.replace(synthetic.fair, synthetic=False))


async def test_who_was_made_up_ends_where_a_real_fair_is_held(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The played day's operator has a password in a file; nobody thinks of it when the real fair is loaded."""
    files = {}
    for name, fair in (("synthetic", small_fair()), ("real", real_fair())):
        files[name] = var.parent / f"{name}.json"
        files[name].write_bytes(msgspec.json.encode(fair))
    for words in (("import", str(files["synthetic"])), ("simulate", "prepare")):
        assert "closed" not in await asyncio.to_thread(_said, words, capsys)
    assert "sim-operator\t模拟\toperator of 220000" in await asyncio.to_thread(_said, ("account", "list"), capsys)
    said = await asyncio.to_thread(_said, ("import", str(files["real"])), capsys)
    assert "4 accounts of a demonstration or a played day are closed" in said
    # Whoever comes back by another way ends when the hub starts.
    config = make_config(var)
    async with opened(config) as store:
        await store.write(operator_named("demo-operator"))
    house = House(config, Start())
    await house.start()
    await house.stop()
    lines = (await asyncio.to_thread(_said, ("account", "list"), capsys)).splitlines()
    assert {line.split("\t")[2] for line in lines} == {"closed"}, lines


def operator_named(name: str) -> AddAccount:
    grants = (Grant(role=Role.OPERATOR, scope="220000"),)
    return AddAccount(by=PersonId("x"), key="x", at_ms=1, name=name, shown_name="x", password_hash="!", grants=grants)


class Killed(Exception):
    """The process ends here."""


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
async def test_closing_that_was_killed_half_way_leaves_no_token_that_is_good(var: Path, steps: int) -> None:
    """The next start passes over who has no roles any more, so the tokens must have ended by then."""
    times = itertools.count(1_000)

    def killed_ms() -> int:
        if (now_ms := next(times)) >= 1_000 + steps:
            raise Killed
        return now_ms

    async with opened(make_config(var)) as store:
        await store.transact(load_catalogue, real_fair(), 1)
        await store.write(operator_named("sim-operator"))
        with contextlib.suppress(Killed):
            await end_made_up_accounts(store, killed_ms)
        await end_made_up_accounts(store, lambda: 2_000)
        account = await store.read(account_queries.account, "sim-operator")
        assert account is not None
        assert account.grants == ()
        void_before_ms = (await store.read(account_queries.revocations)).get(account.person, 0)
        assert void_before_ms >= 1_000


def _said(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


def test_a_house_that_plays_now_is_not_begun_afresh(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (var / "play").mkdir(parents=True)
    (var / "play" / "simulate.json").write_bytes(b"{}")
    with (var / "play.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(("run", "--demo", "--play", "60x")) == MISTAKE
    assert "another house plays" in capsys.readouterr().err
    assert (var / "play" / "simulate.json").exists()


def test_what_was_never_played_is_not_thrown_away(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (var / "play").mkdir(parents=True)
    (var / "play" / "daigang.db").write_bytes(b"somebody's")
    assert main(("run", "--demo", "--play", "60x")) == MISTAKE
    assert "was never played" in capsys.readouterr().err
    assert (var / "play" / "daigang.db").read_bytes() == b"somebody's"
