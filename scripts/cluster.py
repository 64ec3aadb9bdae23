"""Two provinces on this machine, for trying out: each two hubs, a Redis and a database (one PostgreSQL has both), and
they watch each other's sessions. `make cluster` starts it; Ctrl-C ends everything and leaves nothing behind.

Everything lives in one temporary directory and on loopback. Each program is ended by its own process id; when one ends
by itself, or does not answer in time, the rest is ended too and its last lines are shown. When this script is killed,
its programs end (Linux sees to it), and the next start clears its directory away.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import Final

import msgspec
from place import Place, place
from programs import Programs, Trouble, answers, databases, free_port, told, unprivileged, until_free

from clients.simulator.day import generate
from server.core.catalogue import Catalogue

PROVINCES: Final = (("220000", "演示一省"), ("210000", "演示二省"))
HUBS: Final = 2
PREFIX: Final = "daigang-cluster-"
MAY_FAR: Final = (
    "on >{password} resetkeys resetchannels -@all +auth +hello +ping +client +subscribe +unsubscribe +zrangebyscore "
    "+hmget %R~daigang:{code}:set:stage/* %R~daigang:{code}:set:chat/* %R~daigang:{code}:snapshot:stage/* "
    "%R~daigang:{code}:snapshot:area/* &daigang:{code}:live:stage/* &daigang:{code}:live:chat/* &daigang:{code}:open:* "
    "&daigang:{code}:far:{other} (+publish resetchannels &daigang:{code}:far:{other})"
)
"""What the hubs of another province may do in one's Redis (docs/operations.md, section 9)."""

REDIS_BOUND: Final = "--proto-max-bulk-len 1mb"
"""Nobody publishes or keeps more at once."""


class Cluster:
    """Everything that was started, ended in the opposite order."""

    def __init__(self, place: Place, ports: Sequence[int]) -> None:
        """`ports`: of the hubs, province by province."""
        self.place = place.path
        self.ports = [list(ports[n * HUBS : (n + 1) * HUBS]) for n in range(len(PROVINCES))]
        self._programs = Programs(place.path, place.lock)
        self.look, self.stop = self._programs.look, self._programs.stop
        self._user = unprivileged() if os.geteuid() == 0 else None

    # ---- parts

    def start(self) -> None:
        """Running when it returns. Raises `Trouble`."""
        until_free([port for ports in self.ports for port in ports])
        database = self._postgres()
        password = secrets.token_urlsafe(12)
        environs: list[dict[str, str]] = []
        keys = []
        for code, title in PROVINCES:
            place = self.place / code
            place.mkdir(mode=0o700)
            (place / "config.yaml").write_text(f'province: {{code: "{code}", title: {title}}}\n', "utf-8")
            environs.append(
                {
                    "DAIGANG_CONFIG": str(place / "config.yaml"),
                    "DAIGANG_VAR": str(place),
                    "DAIGANG_STORE_URL": database + code,
                    "DAIGANG_REDIS_URL": f"redis://127.0.0.1:{self._redis(code, password)}/0",
                }
            )
            self._daigang(environs[-1], "import", str(self._fair(code)))
            keys.append(self._daigang(environs[-1], "key").strip())
        for n, (code, _) in enumerate(PROVINCES):
            other, title = PROVINCES[1 - n]
            environs[n][f"DAIGANG_REDIS_URL_{other}"] = environs[1 - n]["DAIGANG_REDIS_URL"].replace(
                "//", f"//far-{code}:{password}@"
            )
            with (self.place / code / "config.yaml").open("a", encoding="utf-8") as config:
                url = f"http://127.0.0.1:{self.ports[1 - n][0]}"
                config.write(f'provinces: {{"{other}": {{title: {title}, url: "{url}", key: "{keys[1 - n]}"}}}}\n')
        for n, (code, _) in enumerate(PROVINCES):
            for port in self.ports[n]:
                self._hub(environs[n], code, port)

    def _postgres(self) -> str:
        places = (*sorted(glob("/usr/lib/postgresql/*/bin")), *sorted(glob("/opt/homebrew/opt/postgresql*/bin")))
        found = next((Path(p) for p in reversed(places) if Path(p, "initdb").exists()), None)
        if found is None:
            raise Trouble("PostgreSQL is not installed: make services")
        data, secret = self.place / "postgres", self.place / "postgres-password"
        password = secrets.token_hex(12)
        secret.touch(0o600)
        secret.write_text(password)
        if self._user:
            shutil.chown(self.place, self._user)
            shutil.chown(secret, self._user)
        options = f"-U daigang -A password --pwfile={secret} -E UTF8 --locale=C --no-sync --no-instructions"
        made = self._programs.run([str(found / "initdb"), "-D", str(data), *options.split()], user=self._user)
        if made.returncode:
            raise Trouble(f"initdb failed: {made.stdout.decode(errors='replace')[-500:]}")
        port = free_port()
        words = [str(found / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
        self._programs.launch("postgres", [*words, "-c", "unix_socket_directories="], user=self._user)
        url = f"postgresql://daigang:{password}@127.0.0.1:{port}/"
        self._programs.until(lambda: databases(url, [code for code, _ in PROVINCES]), "PostgreSQL")
        return url

    def _redis(self, code: str, password: str) -> int:
        program = shutil.which("redis-server")
        if program is None:
            raise Trouble("redis-server is not installed: make services")
        port = free_port()
        words = f"--port {port} --bind 127.0.0.1 --save --appendonly no --dir {self.place} {REDIS_BOUND}".split()
        self._programs.launch(f"redis-{code}", [program, *words])
        (other,) = (one for one, _ in PROVINCES if one != code)
        user = f"ACL SETUSER far-{other} " + MAY_FAR.format(code=code, other=other, password=password)
        self._programs.until(lambda: told(port, user), f"Redis of {code}")
        return port

    def _hub(self, environ: dict[str, str], code: str, port: int) -> None:
        words = [sys.executable, "-m", "server.cli", "run", "--demo", "--port", str(port)]
        self._programs.launch(f"hub-{code}-{port}", words, environ=environ)
        # One after the other: the first makes the accounts of the demonstration.
        self._programs.until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), f"the hub on port {port}")

    def _daigang(self, environ: dict[str, str], *words: str) -> str:
        command = [sys.executable, "-m", "server.cli", *words]
        done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, timeout=120, check=False)
        if done.returncode:
            raise Trouble(f"daigang {words[0]}: {done.stderr.decode(errors='replace')[-500:]}")
        return done.stdout.decode()

    def _fair(self, code: str) -> Path:
        """The synthetic day, at home in that province."""
        file = self.place / f"fair-{code}.json"
        file.write_bytes(msgspec.json.encode(moved(generate(), code)))
        return file

    # ---- life


def moved(fair: Catalogue, code: str) -> Catalogue:
    """That fair with every place in another province."""
    text = re.sub(rb'"22([0-9]{4})"', b'"' + code[:2].encode() + rb'\1"', msgspec.json.encode(fair))
    return msgspec.json.decode(text, type=Catalogue)


def addresses(cluster: Cluster) -> list[str]:
    """What to print when it runs."""
    lines = ["Two provinces, each two hubs on one database, joined by Redis; all data is synthetic."]
    for (code, title), ports in zip(PROVINCES, cluster.ports, strict=True):
        lines.append(f"  {title} {code}  " + "  ".join(f"http://127.0.0.1:{port}" for port in ports))
    (first, _), (second, _) = PROVINCES
    lines.append(f"  {second}'s session S01 is stage/S01@{second} at the hubs of {first}, and the other way round.")
    lines.append(f"  host     http://127.0.0.1:{cluster.ports[0][0]}/host?demo=host")
    lines.append(f"  operator http://127.0.0.1:{cluster.ports[0][1]}/screen?demo=operator")
    return [*lines, "Ctrl-C ends everything."]


def main() -> int:
    """Until Ctrl-C or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(description="Two provinces on this machine, for trying out.")
    parser.add_argument("--ports", type=int, nargs=4, metavar="PORT", default=[8081, 8082, 8091, 8092])
    arguments = parser.parse_args()
    # A terminal that is closed sends SIGHUP.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with place(PREFIX) as there:
        cluster = Cluster(there, arguments.ports)
        try:
            print("starting PostgreSQL, two Redis and four hubs …", flush=True)
            cluster.start()
            print("\n".join(addresses(cluster)), flush=True)
            while True:
                time.sleep(1.0)
                cluster.look()
        except KeyboardInterrupt:
            return 0
        except Trouble as trouble:
            print(f"cluster: {trouble}", file=sys.stderr)
            return 1
        finally:
            # A second Ctrl-C must not leave half of them running.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
