"""What lies in `deploy/` fits the program: names of metrics, paths, commands, and the parts of a compose file."""

import json
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import yaml

from server.bus.bus import Figures
from server.hub.counts import Counts
from server.web import metrics, metrics_families
from tests.services import free_port, left_out

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OF_THE_PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def known_metrics() -> set[str]:
    """Every name the hub's collector writes, with the endings Prometheus' format gives them."""
    text = "".join(Path(module.__file__ or "").read_text("utf-8") for module in (metrics_families, metrics))
    names = set(re.findall(r'"(daigang_[a-z_]+)"', text)) | {f"daigang_{name}" for name in Counts().values()}
    return {name + ending for name in names for ending in ("", "_total", "_bucket", "_count", "_sum")}


def test_alarms_and_dashboard_ask_for_metrics_that_exist() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "daigang.rules.yml").read_text("utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    recorded = {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
    board = json.loads((DEPLOY / "grafana" / "daigang.json").read_text("utf-8"))
    asked += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    names = {name for expr in asked for name in re.findall(r"\b(?:daigang|process)[_:][a-z_:]+", expr)}
    assert len(names) > 25
    assert names - known_metrics() - OF_THE_PROCESS - recorded == set()
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    assert all(rule["annotations"]["summary"] and rule["annotations"]["do"] for rule in alerts)
    assert Figures().dropped == 0


def test_the_developers_provinces_trust_each_other_as_the_manual_says() -> None:
    """The manual's own words are tried in `tests/wire/test_provinces.py`."""
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    start = manual.index("ACL SETUSER far-210000 ")
    words = manual[start : manual.index("\n\n", start)].removeprefix("ACL SETUSER far-210000 ").split()
    script = (ROOT / "scripts" / "cluster.py").read_text("utf-8")
    found = re.search(r"MAY_FAR: Final = \((.*?)\n\)\n", script, re.DOTALL)
    assert found
    written = "".join(re.findall(r'"(.*)"', found[1]))
    assert (
        written.replace("{password}", "PASSWORD").replace("{code}", "220000").replace("{other}", "210000").split()
        == words
    )


def test_redis_is_held_to_small_messages_wherever_it_is_started() -> None:
    """What the tests' own Redis is started with: hubs here never say more."""
    bound = "proto-max-bulk-len"
    redis = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["redis"]["command"]
    assert redis[redis.index(f"--{bound}") + 1] == "1mb"
    assert f"--{bound} 1mb" in (ROOT / "scripts" / "cluster.py").read_text("utf-8")
    assert f"`{bound} 1mb`" in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_alarm_of_the_manual_is_a_rule() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = manual[manual.index("| metric | alarm when |") : manual.index("## 11. When")]
    rules = (DEPLOY / "prometheus" / "daigang.rules.yml").read_text("utf-8")
    assert [name for name in re.findall(r"daigang_[a-z_]+", table) if name not in rules] == []


def test_the_compose_file_names_what_is_there() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    ports = [services[hub]["environment"]["DAIGANG_PORT"] for hub in ("hub1", "hub2")]
    targets = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"][0]
    assert targets["static_configs"][0]["targets"] == [f"hub{n + 1}:{port}" for n, port in enumerate(ports)]
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name


def test_what_is_secret_beside_the_compose_file_gets_into_no_commit_and_no_image() -> None:
    """The file's head says what lies there."""
    head = (DEPLOY / "compose.yaml").read_text("utf-8").split("\nname:")[0]
    beside = [f"deploy/{name}" for name in re.findall(r"(?m)^#   (\S+) {2,}", head)]
    not_ours = [name for name in beside if not (ROOT / name).exists()]
    assert {"deploy/secrets.env", "deploy/passwords.env", "deploy/tls/"} < set(not_ours)
    for file in (".gitignore", ".dockerignore"):
        ignored = [line.strip("/") for line in (ROOT / file).read_text("utf-8").splitlines()]
        left = [name for name in not_ours if not any(fnmatch(name.strip("/"), line) for line in ignored)]
        assert left == [], file


def test_nginx_takes_its_configuration_as_it_is_shipped(tmp_path: Path) -> None:
    """With TLS and every listener; only names of directories and ports are other ones."""
    nginx, openssl = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"), shutil.which("openssl")
    if nginx is None or openssl is None:
        left_out("There is no nginx or no openssl on this machine.")
    certificate = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=fair.example.cn", *certificate]
    subprocess.run(made, check=True, capture_output=True, timeout=20)
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    site = re.sub(r"/etc/letsencrypt/live/fair.example.cn|/var/cache/nginx|/var/log/nginx", str(tmp_path), site)
    for port in ("80", "443"):
        site = re.sub(rf"(listen (?:\[::\]:)?){port}\b", rf"\g<1>{free_port()}", site)
    (tmp_path / "site.conf").write_text(site, "utf-8")
    main = f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "main.conf").write_text(main, "utf-8")
    words = [nginx, "-t", "-p", str(tmp_path), "-e", str(tmp_path / "log"), "-c", str(tmp_path / "main.conf")]
    tried = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    assert tried.returncode == 0, tried.stderr


def test_directories_that_nginx_wants_are_made_by_the_manual() -> None:
    """nginx makes the last step of a path by itself, and Debian's package has no /var/cache/nginx."""
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    kept = re.findall(r"proxy_cache_path (\S+)/\w+ ", (DEPLOY / "nginx.conf").read_text("utf-8"))
    assert kept
    assert all(f"install -d {place}" in manual for place in kept)


def test_the_manuals_command_line_knows_what_the_unit_knows(tmp_path: Path) -> None:
    """Without the unit's environment it would open a SQLite database of its own beside PostgreSQL's."""
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    start = manual.index("    dg() {")
    words = manual[start : manual.index("    dg import", start)]
    unit = (DEPLOY / "daigang.service").read_text("utf-8")
    for name, value in re.findall(r"^Environment=(\w+)=(\S+)$", unit, re.MULTILINE):
        assert f"{name}={value}" in words
    assert "EnvironmentFile=-/etc/daigang/environment" in unit
    secret = "DAIGANG_STORE_URL=postgresql://d:a$b*?x=1&y=;@10.0.0.5/d"
    (tmp_path / "environment").write_text(f"# a comment\n{secret}\n", "utf-8")
    words = words.replace("/etc/daigang/environment", str(tmp_path / "environment"))
    words = words.replace("runuser -u daigang -- /srv/daigang/.venv/bin/daigang", "env")
    ran = subprocess.run(["bash", "-c", f"{words}\ndg"], capture_output=True, text=True, timeout=20, check=True)
    told = ran.stdout.splitlines()
    assert secret in told
    assert "DAIGANG_VAR=/var/lib/daigang" in told


def test_the_units_start_what_exists() -> None:
    for unit in ("daigang.service", "daigang@.service"):
        text = (DEPLOY / unit).read_text("utf-8")
        assert "ExecStart=/srv/daigang/.venv/bin/daigang run" in text
        assert "LimitNOFILE=65536" in text
        assert "TimeoutStopSec=35" in text
