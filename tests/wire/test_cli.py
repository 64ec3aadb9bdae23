"""The command line as its own process: what it does, and that every mistake is one sentence and exit code 2."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clients.simulator import day
from server.config import Config
from server.core.refusal import Code
from server.opening import opened
from server.store import catalogue_queries
from tests.wire.houses import HouseUnderTest, fill, make_config, serving
from tests.wire.hubs import small_fair

ROOT = Path(__file__).resolve().parent.parent.parent
WITHIN_S = 60.0


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DAIGANG_")}
    return {**kept, "DAIGANG_VAR": str(var), "PYTHONWARNINGS": "error", **more}


class Ended(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str


async def daigang(var: Path, *arguments: str, typed: str = "", **more: str) -> Ended:
    """Run one command to its end, in an empty working directory."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", *arguments),
        cwd=var.parent,
        env=environment(var, PYTHONPATH=str(ROOT), **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(WITHIN_S):
        out, err = await process.communicate(typed.encode())
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def assert_one_sentence(ended: Ended, words: str) -> None:
    assert ended.code == 2, ended
    assert "Traceback" not in ended.err
    lines = [line for line in ended.err.splitlines() if line.startswith("daigang: ")]
    assert len(lines) == 1, ended.err
    assert words in lines[0]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


async def test_a_port_in_use_is_said_in_one_sentence_and_nothing_is_written(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await daigang(var, "run", "--port", str(port))
        assert_one_sentence(ended, f"127.0.0.1 port {port} is in use by another program")
        assert "DAIGANG_PORT" in ended.err
    assert not var.exists()


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        (["run", "--demo", "--host", "0.0.0.0"], {}, "loopback only"),
        (["run", "--host", "0.0.0.0"], {}, "in the clear"),
        (["run", "--workers", "2"], {}, "SQLite has one writer"),
        (["run", "--port", "99999"], {}, "--port: wants 0 to 65535"),
        (["run"], {"DAIGANG_PORT": "x"}, "DAIGANG_PORT: wants a port number"),
        (["run"], {"DAIGANG_STORE_URL": "oracle://x"}, "store.url: wants sqlite"),
        (["run", "--config", "no.yaml"], {}, "no.yaml: there is no such file"),
        (["import", "no.xlsx"], {}, "no.xlsx: No such file or directory"),
        (["account", "revoke", "nobody"], {}, "there is no account nobody"),
        (["account", "add", "x", "--role", "host", "--scope", "S99"], {}, "there is no session S99"),
        (["account", "add", "x", "--role", "hr", "--scope", "E99"], {}, "there is no enterprise E99"),
        (["account", "add", "x", "--role", "operator", "--scope", "99"], {}, "there is no region 99"),
        (["check", "--public", "fair.example.cn"], {}, "--public: wants https://HOST"),
    ],
)
async def test_mistakes(var: Path, arguments: list[str], more: dict[str, str], words: str) -> None:
    assert_one_sentence(await daigang(var, *arguments, **more), words)


async def test_an_unknown_key_stops_everything(var: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("limits:\n  outbox_byte: 1\n")
    for command in (["run"], ["check"], ["prune"]):
        assert_one_sentence(await daigang(var, *command), "limits.outbox_byte: unknown key; did you mean outbox_bytes?")


async def test_a_secrets_file_others_may_read_stops_everything(var: Path) -> None:
    await fill(make_config(var), small_fair())
    (var / "secrets.env").chmod(0o644)
    for command in (["run", "--port", "0"], ["account", "list"]):
        assert_one_sentence(await daigang(var, *command), "chmod 600")
    ended = await daigang(var, "check")
    assert ended.code == 1
    assert "FAILED  secrets" in ended.out


async def test_a_demonstration_never_opens_a_real_fair(var: Path) -> None:
    fair = small_fair()
    real = msgspec.structs.replace(fair, fair=msgspec.structs.replace(fair.fair, synthetic=False))
    await fill(make_config(var), real)
    assert_one_sentence(await daigang(var, "run", "--demo", "--port", "0"), "holds a real fair")


# ---- run -------------------------------------------------------------------------------------------------------------


class Hub:
    """`daigang run` as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = 0

    async def until_ready(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while not self.lines or not self.lines[-1].startswith("Ctrl-C"):
                line = await self.process.stdout.readline()
                assert line, "it ended before it was ready"
                self.lines.append(line.decode().rstrip())
        match = re.search(r"http://127\.0\.0\.1:(\d+)/", "\n".join(self.lines))
        assert match is not None
        self.port = int(match[1])

    def get(self, path: str, method: str = "GET", body: str | None = None) -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_S)
        try:
            link.request(method, path, body)
            response = link.getresponse()
            return response.status, response.read()
        finally:
            link.close()


@contextlib.asynccontextmanager
async def running_hub(var: Path, *arguments: str) -> AsyncIterator[Hub]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "run", "--port", "0", *arguments),
        cwd=var.parent,
        env=environment(var, PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    hub = Hub(process)
    try:
        await hub.until_ready()
        yield hub
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_demonstration_starts_whole_stops_on_sigterm_and_starts_again(var: Path) -> None:
    counts = []
    for number in (signal.SIGTERM, signal.SIGINT):
        async with running_hub(var, "--demo") as hub:
            fair = json.loads((await asyncio.to_thread(hub.get, "/api/fair"))[1])
            counts.append((len(fair["sessions"]), len(fair["venues"])))
            printed = "\n".join(hub.lines)
            for address in ("/", "/host", "/desk", "/screen", "/host?demo=host", "/desk?demo=hr"):
                assert f"http://127.0.0.1:{hub.port}{address}" in printed
            status, body = await asyncio.to_thread(hub.get, "/api/demo", "POST", '{"role":"operator"}')
            assert status == 200
            assert json.loads(body)["grants"] == [{"role": "operator", "scope": "220000"}]
            hub.process.send_signal(number)
            async with asyncio.timeout(WITHIN_S):
                _, err = await hub.process.communicate()
            assert hub.process.returncode == 0, err
            assert b"Traceback" not in err
            assert b"error" not in err.lower(), err
    assert counts == [(49, 49), (49, 49)]


# ---- accounts --------------------------------------------------------------------------------------------------------


async def test_an_account_made_and_closed_beside_a_running_hub(var: Path) -> None:
    async with serving(make_config(var)) as server:
        added = await daigang(
            var,
            *("account", "add", "wang", "--role", "host", "--scope", "S02", "--shown-name", "王主播"),
            "--password-stdin",
            typed="a long password\n",
        )
        assert (added.code, added.out) == (0, "wang is now host of S02.\n")
        proof = await sign_in(server, "wang", "a long password")
        assert proof["name"] == "王主播"
        assert "wang\t王主播\thost of S02" in (await daigang(var, "account", "list")).out
        assert (await daigang(var, "account", "revoke", "wang")).code == 0
        async with asyncio.timeout(20):
            while True:  # the hub hears of it by its watch over the house/ channel
                answer = await server.call("POST", "/api/commands", token=proof["token"], body={"t": "my_applications"})
                if answer.status == 401:
                    break
                await asyncio.sleep(0.2)
        assert answer.json["code"] == Code.NOT_SIGNED_IN.value
        closed = await server.call("POST", "/api/sign-in", body={"name": "wang", "password": "a long password"})
        assert closed.json["code"] == Code.SIGN_IN_FAILED.value
        assert "wang\t王主播\tclosed" in (await daigang(var, "account", "list")).out


async def test_roles_come_and_go_one_by_one(var: Path) -> None:
    async with serving(make_config(var)) as server:
        many = ("--role", "hr", "--scope", "E1", "--role", "host", "--scope", "S01", "--phone", "138 0013 8000")
        added = await daigang(var, "account", "add", "li", *many, "--password-stdin", typed="a long password\n")
        assert (added.code, added.out) == (0, "li is now hr of E1, host of S01.\n")
        by_number = await sign_in(server, "13800138000", "a long password")
        assert by_number["person"] == (await sign_in(server, "li", "a long password"))["person"]
        given = await daigang(var, "account", "grant", "li", "--role", "specialist", "--scope", "E2")
        assert given.out == "li is now host of S01, hr of E1, specialist of E2.\n"
        taken = await daigang(var, "account", "ungrant", "li", "--role", "host", "--scope", "S01")
        assert taken.out == "li is now hr of E1, specialist of E2.\n"
    uneven = await daigang(var, "account", "grant", "li", "--role", "hr", "--role", "hr", "--scope", "E1")
    assert_one_sentence(uneven, "as many of one as of the other")
    assert_one_sentence(await daigang(var, "account", "grant", "nobody", "--role", "hr", "--scope", "E1"), "no account")
    assert_one_sentence(
        await daigang(var, "account", "grant", "li", "--role", "hr", "--scope", "E9"), "no enterprise E9"
    )
    wrong = ("account", "add", "x", "--role", "hr", "--scope", "E1", "--phone", "110", "--password-stdin")
    assert (await daigang(var, *wrong, typed="a long password\n")).code == 2


async def sign_in(server: HouseUnderTest, name: str, password: str) -> dict[str, str]:
    answer = await server.call("POST", "/api/sign-in", body={"name": name, "password": password})
    assert answer.status == 200, answer.body
    proof: dict[str, str] = answer.json
    return proof


async def test_short_passwords_and_none_at_all(var: Path) -> None:
    await fill(make_config(var), small_fair())
    account = ("account", "add", "wang", "--role", "host", "--scope", "S01")
    ended = await daigang(var, *account, "--password-stdin", typed="short\n")
    assert_one_sentence(ended, "8 to 200 characters")
    assert_one_sentence(await daigang(var, *account), "use --password-stdin")


# ---- import ----------------------------------------------------------------------------------------------------------


async def shelf_of(config: Config, session: str) -> list[tuple[int, str]]:
    async with opened(config) as store:
        slots = await store.read(catalogue_queries.shelf, session)  # type: ignore[arg-type]
        return [(slot.number, slot.position.id) for slot in slots]


async def test_import_of_a_workbook_onto_a_shelf(var: Path, tmp_path: Path) -> None:
    config = make_config(var)
    await fill(config, await asyncio.to_thread(day.generate))  # its regions are those of the workbook
    book = str(ROOT / "tests" / "data" / "workbook" / "jobs.xlsx")
    before = await shelf_of(config, "S01")
    report = tmp_path / "report.csv"
    dry = await daigang(var, "import", book, "--session", "S01", "--dry-run", "--report", str(report))
    assert dry.code == 0, dry.err
    assert "Nothing was written" in dry.out
    assert await shelf_of(config, "S01") == before
    rows = report.read_text("utf-8-sig").splitlines()
    imported = sum(",imported," in row for row in rows)
    assert imported > 0
    waits = await daigang(var, "import", book, "--session", "S01")
    assert waits.code == 0, waits.err
    assert "Nobody sees them before an operator has approved them" in waits.out
    assert await shelf_of(config, "S01") == before
    done = await daigang(var, "import", book, "--session", "S01", "--approve")
    assert done.code == 0, done.err
    after = await shelf_of(config, "S01")
    assert after[: len(before)] == before
    assert [number for number, _ in after] == list(range(1, len(before) + imported + 1))
    fixed = str(tmp_path / "corrections.xlsx")
    again = await daigang(var, "import", book, "--dry-run", "--corrections", fixed)
    assert "17 rows to correct and send again" in again.out
    assert (await daigang(var, "import", fixed)).out.count("0 imported, 17 draft") == 1
    # The same file again changes nothing.
    assert (await daigang(var, "import", book, "--session", "S01")).code == 0
    assert await shelf_of(config, "S01") == after
    assert_one_sentence(await daigang(var, "import", book, "--session", "S99"), "session")


async def test_import_of_a_whole_fair(var: Path, tmp_path: Path) -> None:
    file = tmp_path / "fair.json"
    file.write_bytes(msgspec.json.encode(small_fair()))
    ended = await daigang(var, "import", str(file))
    assert ended.code == 0, ended.err
    assert "2 sessions, 2 enterprises, 16 positions, 80 openings" in ended.out
    assert len(await shelf_of(make_config(var), "S02")) == 8
    file.write_bytes(b'{"fair":1}')
    assert_one_sentence(await daigang(var, "import", str(file)), "not a catalogue")
    file.with_suffix(".xlsx").write_bytes(b"PK\x03\x04 no")
    assert_one_sentence(await daigang(var, "import", str(file.with_suffix(".xlsx"))), "workbook")


# ---- upkeep ----------------------------------------------------------------------------------------------------------


async def test_restore_renews_the_epoch(var: Path) -> None:
    config = make_config(var)
    await fill(config, small_fair())
    epochs = []
    for _ in range(2):
        async with opened(config) as store:
            epochs.append(store.epoch)
        ended = await daigang(var, "restore")
        assert ended.code == 0, ended.err
    async with opened(config) as store:
        assert store.epoch in ended.out
        epochs.append(store.epoch)
    assert len(set(epochs)) == 3


async def test_prune_keeps_what_is_young(var: Path) -> None:
    await fill(make_config(var), small_fair())
    ended = await daigang(var, "prune")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("0 entries")


async def test_the_protocol_in_print_is_what_the_code_says(var: Path) -> None:
    ended = await daigang(var, "protocol", "--check")
    assert ended.code == 0, ended.err


async def test_check_of_a_good_house(var: Path) -> None:
    await fill(make_config(var), small_fair())
    ended = await daigang(var, "check")
    assert ended.code == 0, ended.out
    assert "ok      store" in ended.out
    assert "ok      numbers: equal the log" in ended.out


async def test_check_before_the_first_start_writes_nothing(var: Path) -> None:
    assert (await daigang(var, "check")).code == 0
    assert not var.exists()


async def test_check_from_outside_finds_the_missing_tls_and_nothing_else(var: Path) -> None:
    async with serving(make_config(var)) as server:
        ended = await daigang(var, "check", "--public", server.url)
    failed = [line for line in ended.out.splitlines() if line.startswith("FAILED")]
    assert ended.code == 1
    # This machine may read its own metrics; a stranger may not (test_doors).
    assert [line.split(":")[0] for line in failed] == ["FAILED  certificate", "FAILED  metrics"], ended.out
    for what in ("health", "clock", "demonstration", "page /", "page /screen", "files", "websocket", "foreign origin"):
        assert f"ok      {what}: " in ended.out


async def test_check_from_outside_of_nobody_and_of_a_demonstration(var: Path) -> None:
    async with serving(make_config(var), demo=True) as server:
        ended = await daigang(var, "check", "--public", server.url)
        assert "FAILED  demonstration: anybody can be host or operator" in ended.out
    ended = await daigang(var, "check", "--public", server.url)
    assert ended.code == 1
    assert "FAILED  health: nobody listens" in ended.out
    assert "websocket" not in ended.out


async def test_the_hub_serves_tls_itself_and_check_sees_it(var: Path, tmp_path: Path) -> None:
    """With a certificate of our own, which a visitor rightly does not trust, and which SIGHUP changes."""
    certificate = tmp_path / "cert.pem"
    key = tmp_path / "key.pem"
    make_certificate(certificate, key)
    config = make_config(var)
    config = msgspec.structs.replace(
        config, server=msgspec.structs.replace(config.server, tls_cert=str(certificate), tls_key=str(key))
    )
    async with serving(config) as server:
        assert server.url.startswith("https://")
        ended = await daigang(var, "check", "--public", server.url)
        assert "FAILED  certificate: the certificate is not trusted" in ended.out
        trusting = await daigang(var, "check", "--public", server.url, SSL_CERT_FILE=str(certificate))
        assert "ok      certificate: trusted, until " in trusting.out, trusting.out
        assert "ok      websocket: a guest was welcomed" in trusting.out, trusting.out
        assert "ok      page /: 200, with its headers" in trusting.out, "HSTS among them"
        make_certificate(certificate, key)
        server.house.reload_certificate()
        renewed = await daigang(var, "check", "--public", server.url, SSL_CERT_FILE=str(certificate))
        assert "ok      certificate" in renewed.out, renewed.out
        certificate.write_text("broken")
        server.house.reload_certificate()
        assert (await asyncio.to_thread(tls_answers, server.port)) is True, "the old one stays"


def tls_answers(port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as plain, context.wrap_socket(plain) as link:
        return link.version() in ("TLSv1.2", "TLSv1.3")


def make_certificate(certificate: Path, key: Path) -> None:
    """A self-signed one for 127.0.0.1, good for 30 days."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
