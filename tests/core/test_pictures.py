"""A picture that is elsewhere is on a platform of the list, whatever somebody types."""

import pytest

from server.core.model import Picture, PictureKind
from server.core.pictures import picture_of
from server.core.refusal import Code, Refusal

ELSEWHERE = PictureKind.ELSEWHERE


@pytest.mark.parametrize(
    "url",
    [
        "https://live.douyin.com/745964462470",
        " https://v.douyin.com/iRNBho5u/ ",
        "https://weixin.qq.com/sph/AbCdEf",
        "https://channels.weixin.qq.com/live/abc?x=1#top",
    ],
)
def test_an_address_of_the_list_is_taken(url: str) -> None:
    assert picture_of(ELSEWHERE, url) == Picture(kind=ELSEWHERE, url=url.strip())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://live.douyin.com/1",
        "https://live.douyin.com.evil.example/1",
        "https://evil.example/live.douyin.com",
        "https://live.douyin.com@evil.example/",
        "https://evil.example\\@live.douyin.com/",
        "https://live.douyin.com:8443/1",
        "https://live.douyin.com:x/1",
        "javascript:alert(1)//live.douyin.com",
        "//live.douyin.com/1",
        "https://live。douyin。com/1",
        "https://live.douyin.com/\u202e1",
        "https://[live.douyin.com/1",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        picture_of(ELSEWHERE, url)
    assert refused.value.code is Code.PICTURE_ADDRESS


def test_only_a_picture_elsewhere_has_an_address() -> None:
    for kind in (PictureKind.HERE, PictureKind.NONE):
        assert picture_of(kind, "https://live.douyin.com/1") == Picture(kind=kind)
