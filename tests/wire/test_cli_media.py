"""What the command line says of media engines."""

import socket
from pathlib import Path

from server.cli.checking_media import look_at_engine
from server.config import VideoSection
from server.secrets_file import load_secrets
from tests.wire.test_cli import daigang


def test_an_engine_that_is_not_there_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        section = VideoSection(
            engine="nginx_rtmp", source_url=f"rtmp://127.0.0.1:{port}/live", control_url="http://127.0.0.1:9/control"
        )
        found = list(look_at_engine(section))
    assert [good for good, _ in found] == [True, False]
    assert f"takes streams at 127.0.0.1:{port}" in found[0][1]
    assert "journalctl -u daigang-rtmp" in found[1][1]
    assert list(look_at_engine(VideoSection())) == []


async def test_the_address_an_engine_asks(tmp_path: Path) -> None:
    config = tmp_path / "house.yaml"
    config.write_text("video:\n  engine: nginx_rtmp\n")
    ended = await daigang(tmp_path / "var", "hooks", "--config", str(config))
    assert ended.code == 0, ended.err
    secret = load_secrets(tmp_path / "var", {}, store_exists=False).hook_secret()
    assert ended.out.endswith(f"/hooks/engine?s={secret}\n")
    assert ended.out.startswith("http://127.0.0.1:")
    none = await daigang(tmp_path / "var", "hooks")
    assert (none.code, "embedded" in none.err) == (2, True)
