"""A real nginx with the RTMP module, as deploy/nginx-rtmp.conf sets it up, and ffmpeg as the encoder."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import Final

from tests.services import Server, _children, free_port, left_out

CONF: Final = Path(__file__).resolve().parents[1] / "deploy" / "nginx-rtmp.conf"
MODULE: Final = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
NOTHING: Final = "http://127.0.0.1:9/hooks"


def need_nginx_rtmp() -> str:
    """The program, or the test is left out."""
    program = shutil.which("nginx") or next(iter(glob("/usr/sbin/nginx")), None)
    if program is None or not Path(MODULE).exists():
        left_out("There is no nginx with its RTMP module (Debian: libnginx-mod-rtmp).")
    return program


class RtmpServer(Server):
    """The configuration of deploy/ on free ports. `hook`: the address it asks, empty for a door that is open to all (a
    platform that a picture is sent on to)."""

    name = "nginx-rtmp"

    def __init__(self, hook: str = "", *, hls: bool = False) -> None:
        """`hls`: it serves viewers itself, as engines do: plain HLS, without dates."""
        super().__init__()
        self._hls = hls
        self.program = need_nginx_rtmp()
        self.control_port = free_port()
        self.point_to(hook)

    @property
    def url(self) -> str:
        return f"rtmp://127.0.0.1:{self.port}/live"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.control_port}/control"

    @property
    def play_url(self) -> str:
        return f"http://127.0.0.1:{self.control_port}/hls/{{stream}}.m3u8"

    @property
    def log(self) -> str:
        return (self.dir / "log").read_text(errors="replace")

    def point_to(self, hook: str) -> None:
        """Write the configuration."""
        text = CONF.read_text()
        text = text.replace("modules/ngx_rtmp_module.so", MODULE).replace(
            "/run/daigang-rtmp/nginx.pid", f"{self.dir}/pid"
        )
        text = text.replace("listen 1935", f"listen 127.0.0.1:{self.port}")
        text = text.replace("listen 127.0.0.1:1936", f"listen 127.0.0.1:{self.control_port}")
        if hook:
            text = text.replace("HOOK;", f"{hook};")
        else:
            text = re.sub(r"\n.*HOOK;", "", text)
        if self._hls:
            text = text.replace("record off;", f"record off; hls on; hls_path {self.dir}/hls; hls_fragment 1s;")
            place = f"location /hls/ {{ root {self.dir}; add_header Access-Control-Allow-Origin *; }} "
            text = text.replace("location / {", place + "location / {")
        places = "".join(
            f"{kind}_temp_path {self.dir}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("http {", "http {" + places)
        (self.dir / "nginx.conf").write_text("daemon off; user root;\n" + text)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _family(self) -> list[int]:
        # Its worker outlives a master that is killed, and keeps the port.
        return [self.pid, *_children(self.pid)] if self.running else []

    def _launch(self, log: int) -> "subprocess.Popen[bytes]":
        command = [self.program, "-e", "stderr", "-p", str(self.dir), "-c", str(self.dir / "nginx.conf")]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def need_ffmpeg() -> str:
    """The program, or the test is left out."""
    program = shutil.which("ffmpeg")
    if program is None:
        left_out("There is no ffmpeg.")
    return program


@contextlib.contextmanager
def encoding(url: str, *options: str, size: str = "320x180", rate: int = 48000) -> Iterator["subprocess.Popen[bytes]"]:
    """ffmpeg that sends a moving picture and a tone there, as OBS would: x264 with B-frames, a key frame a second."""
    source = ["-re", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"]
    source += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate={rate}"]
    made: Sequence[str] = options or (
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p", "-b:v", "300k"),
        *("-c:a", "aac", "-b:a", "64k"),
    )
    command = [need_ffmpeg(), "-hide_banner", "-loglevel", "error", *source, *made, "-f", "flv", url]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(10)
