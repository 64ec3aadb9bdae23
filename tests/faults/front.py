"""A real nginx with the shipped configuration in front of hubs: only addresses, certificates and directories are other
ones."""

import http.client
import re
import shutil
import subprocess
from pathlib import Path

from tests.services import Server, free_port, left_out

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
_MAIN = """
daemon off;
pid {dir}/pid;
error_log {dir}/log warn;
worker_processes 2;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    include {dir}/site.conf;
}}
"""


class Front(Server):
    """Stands before hubs on these ports."""

    name = "nginx"

    def __init__(self, hubs: list[int]) -> None:
        super().__init__()
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            left_out("There is no nginx on this machine.")
        self._program = program
        self.port = free_port()
        (self.dir / "site.conf").write_text(self._site(CONF.read_text("utf-8"), hubs), "utf-8")
        (self.dir / "main.conf").write_text(_MAIN.format(dir=self.dir), "utf-8")
        self.dir.chmod(0o755)

    def _site(self, conf: str, hubs: list[int]) -> str:
        servers = "\n    ".join(rf"server 127.0.0.1:{port}\1;" for port in hubs)
        conf, count = re.subn(r"server 127\.0\.0\.1:8080([^;]*);", servers, conf)
        assert count == 3, "an upstream was added: say here that it knows all hubs"
        conf = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", conf, flags=re.DOTALL)
        conf = re.sub(r"\n    (ssl_|listen \[::\]).*", "", conf)
        conf = conf.replace("listen 443 ssl ", f"listen 127.0.0.1:{self.port} ")
        conf = conf.replace("fair.example.cn", "127.0.0.1")
        conf = conf.replace("$host;", "$http_host;")  # a port stands in the address here
        conf = conf.replace(
            "    access_log /var", "    add_header X-Cache $upstream_cache_status;\n    access_log /var"
        )
        return conf.replace("/var/cache/nginx", str(self.dir)).replace("/var/log/nginx", str(self.dir))

    def answers(self) -> bool:
        return (self.dir / "pid").exists() and self.running

    def _launch(self, log: int) -> "subprocess.Popen[bytes]":
        words = [self._program, "-p", str(self.dir), "-c", str(self.dir / "main.conf")]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def get(port: int, path: str, **headers: str) -> tuple[int, str, bytes]:
    """Status, what the cache says, and the body."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.headers.get("X-Cache", ""), answer.read()
    finally:
        link.close()
