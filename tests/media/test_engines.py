"""Every engine's adapter against what the engines post (tests/media/hooks), and signatures against documented ones."""

import contextlib
from pathlib import Path

import pytest

from server.config import ConfigError, VideoSection
from server.media.engines.cdn import Cdn, CdnKeys, aliyun, tencent
from server.media.engines.choosing import engine_of
from server.media.engines.engine import FORM, BadHook, Engine, Event, Sync

HOOKS = Path(__file__).parent / "hooks"
STREAM, SECRET = "s0011223344556677", "abcdefghijklmnop"
NOW_MS = 1_701_229_296_000
ORIGIN = "https://fair.example.cn"
KEYS = "tencent:pushkey1:playkey1"
KINDS = ("nginx_rtmp", "mediamtx", "srs", "cdn")


def engine(kind: str, play_url: str = "", keys: str = KEYS) -> Engine:
    if kind == "cdn":
        play_url = play_url or "https://play.example.cn/live/{stream}.m3u8"
    section = VideoSection(
        engine=kind,  # type: ignore[arg-type]
        publish_url="rtmp://push.example.cn/live",
        control_url="http://127.0.0.1:9997",
        play_url=play_url,
    )
    return engine_of(section, ORIGIN, keys)


@pytest.mark.parametrize("file", sorted(HOOKS.glob("*.*.*")), ids=lambda file: file.name)
def test_every_message_is_understood(file: Path) -> None:
    kind, event, form = file.name.split(".")
    media_type = FORM if form == "form" else "application/json"
    hook = engine(kind).hook(media_type, file.read_bytes())
    assert hook.event is Event(event)
    if event != "other":
        assert hook.stream == STREAM
    if event in ("publish", "still"):
        assert (hook.key, hook.address) == (SECRET, "203.0.113.9")
        done = next(HOOKS.glob(f"{kind}.done.*"))
        told = engine(kind).hook(FORM if done.suffix == ".form" else "application/json", done.read_bytes())
        assert hook.client == told.client != ""
    assert (event == "recorded") == bool(hook.file)
    assert SECRET not in repr(hook)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"action":["publish"],"event_type":[]}',
        b'{"action":{"a":1},"app":1.5,"event_type":{}}',
        b'{"action":"publish","path":"'
        + b"x" * 600
        + b'","app":"'
        + b"x" * 600
        + b'","event_type":1,"stream_id":true}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"&".join(b"a=1" for _ in range(200)),
    ],
)
def test_whatever_comes_is_a_message_or_refused(kind: str, body: bytes) -> None:
    for media_type in (FORM, "application/json", ""):
        with contextlib.suppress(BadHook):
            assert engine(kind).hook(media_type, body).event is Event.OTHER


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_is_told_server_and_key(kind: str) -> None:
    target = engine(kind).publish_target(STREAM, SECRET, NOW_MS)
    assert target.server == "rtmp://push.example.cn/live"
    assert target.key.startswith(f"{STREAM}?")
    assert target.key.endswith(f"key={SECRET}")
    assert SECRET not in repr(target)


def test_yes_and_no_as_each_understands_it() -> None:
    for kind in ("nginx_rtmp", "mediamtx"):
        assert [engine(kind).answer(allowed).status for allowed in (True, False)] == [200, 403]
    assert [engine("srs").answer(allowed).body for allowed in (True, False)] == [b'{"code":0}', b'{"code":403}']
    assert engine("srs").answer(False).status == 200


def test_ends_an_encoder() -> None:
    asked = [
        engine(kind).drop(STREAM, client)
        for kind, client in (("nginx_rtmp", "4"), ("mediamtx", "5d3a/../x"), ("srs", "341w361a"))
    ]
    assert [(ask.method, ask.url) for ask in asked if ask is not None] == [
        ("GET", f"http://127.0.0.1:9997/drop/publisher?app=live&name={STREAM}&clientid=4"),
        ("POST", "http://127.0.0.1:9997/v3/rtmpconns/kick/5d3a%2F..%2Fx"),
        ("DELETE", "http://127.0.0.1:9997/api/v1/clients/341w361a"),
    ]
    assert engine("cdn").drop(STREAM, "1") is None


def test_the_hub_fetches_where_viewers_do_not() -> None:
    for kind, sync in (("nginx_rtmp", Sync.LATENCY), ("mediamtx", Sync.DATES), ("srs", Sync.LATENCY)):
        fetched = engine(kind)
        place = fetched.place(STREAM)
        assert place is not None
        assert (place.url, place.name) == ("rtmp://127.0.0.1:1935/live", STREAM)
        assert fetched.playback(STREAM, NOW_MS) is None
        served = engine(kind, "https://hls.example.cn/live/{stream}/index.m3u8")
        assert served.place(STREAM) is None
        playback = served.playback(STREAM, NOW_MS)
        assert playback is not None
        assert (playback.kind, playback.sync) == ("hls", sync)
        assert playback.url == f"https://hls.example.cn/live/{STREAM}/index.m3u8"


def test_recordings_of_a_time() -> None:
    ask = engine("mediamtx").recordings(STREAM, NOW_MS, NOW_MS + 10_500)
    assert ask is not None
    start = "2023-11-29T03%3A41%3A36.000%2B00%3A00"
    assert ask.url == (f"http://127.0.0.1:9996/get?path=live%2F{STREAM}&start={start}&duration=10.500&format=mp4")
    assert engine("srs").recordings(STREAM, 0, 1) is None


def test_signatures_are_those_of_the_documentation() -> None:
    # Tencent Cloud, "Hotlink protection": KEY, stream `test`, txTime 5C271099.
    signed = tencent("e12c46f2612d5106e2034781ab261ca3", "/live/test", 0x5C271099)
    assert signed == "txSecret=f85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099"
    # Alibaba Cloud CDN, "Type A signing": /video/standard/1K.html, aliyuncdnexp1234, 1444435200.
    signed = aliyun("aliyuncdnexp1234", "/video/standard/1K.html", 1_444_435_200)
    assert signed == "auth_key=1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f"


def test_signed_addresses() -> None:
    """The digests were made with md5sum."""
    later = NOW_MS - 24 * 3_600_000
    cdn = engine("cdn")
    assert cdn.publish_target(STREAM, SECRET, later).key == (
        f"{STREAM}?txSecret=1438d75cf288159ccd8259ce0830a010&txTime=6566B2F0&key={SECRET}"
    )
    other = Cdn(
        "rtmp://push.example.cn/live",
        "https://play.example.cn/live/{stream}.m3u8",
        CdnKeys(style="aliyun", push="pushkey1", play="playkey1"),
    )
    assert other.publish_target(STREAM, SECRET, later).key == (
        f"{STREAM}?auth_key=1701229296-0-0-f55188e508a7607de68cfa1c4c1a17a2&key={SECRET}"
    )
    playback = other.playback(STREAM, NOW_MS - 12 * 3_600_000)
    assert playback is not None
    assert playback.sync is Sync.LATENCY
    assert playback.url == (
        f"https://play.example.cn/live/{STREAM}.m3u8?auth_key=1701229296-0-0-f6dd849f80a060480db2d4e168fdd187"
    )
    assert "pushkey1" not in repr(CdnKeys(style="aliyun", push="pushkey1", play="playkey1"))


@pytest.mark.parametrize("keys", ["", "tencent", "tencent:a", "tencent:a:", "other:a:b"])
def test_a_cdn_without_keys_does_not_start(keys: str) -> None:
    with pytest.raises(ConfigError, match="DAIGANG_CDN_KEYS"):
        engine("cdn", keys=keys)


def test_encoders_send_to_the_public_host_unless_it_is_said_otherwise() -> None:
    chosen = engine_of(VideoSection(engine="nginx_rtmp"), ORIGIN, "")
    assert chosen.publish_target(STREAM, SECRET, 0).server == "rtmp://fair.example.cn/live"
