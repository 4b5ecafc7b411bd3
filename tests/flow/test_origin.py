from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin, OriginPattern, allowed

SHOP = Origin("https", "shop.example", 443)
LOOPBACK = Origin("http", "127.0.0.1", 80)

LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12).filter(lambda s: s[0].isalpha())
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/",
        "HTTPS://SHOP.Example:443/a/b?c#d",
        "https://shop.example.",
        "https://shop.example:",
        "https://shop.example:00443",
        "wss://shop.example/socket",
        "  https://shop.example\n",
        "https://ada:secret@shop.example/",
        "https://evil.example@shop.example/",
        "https://evil.example:443@shop.example/",
        "https://a@b@shop.example/",
        "https://sh%6Fp.example",
        "https://ｓｈｏｐ.example",
        "https://shop。example",
        "https://shop.example?q=https://evil.example",
        "https://shop.example#@evil.example",
        "https://shop.example/\\@evil.example",
    ],
)
def test_spellings_of_one_origin_are_equal(url: str) -> None:
    assert Origin.parse(url) == SHOP


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0x0.1",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "１２７。０。０。１",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:FFFF:127.0.0.1]",
    ],
)
def test_spellings_of_the_loopback_address_are_equal(host: str) -> None:
    assert Origin.parse(f"http://{host}/") == LOOPBACK


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example", ("http", "shop.example", 80)),
        ("ws://shop.example:8080", ("http", "shop.example", 8080)),
        ("http://[::1]:8080/x", ("http", "[::1]", 8080)),
        ("http://[2001:DB8:0::1]", ("http", "[2001:db8::1]", 80)),
        ("https://bücher.example", ("https", "xn--bcher-kva.example", 443)),
        ("https://BÜCHER.example", ("https", "xn--bcher-kva.example", 443)),
        ("https://faß.example", ("https", "xn--fa-hia.example", 443)),
        ("https://咖啡.example", ("https", "xn--bur6r.example", 443)),
        ("https://my_host.example", ("https", "my_host.example", 443)),
        ("http://localhost:3000", ("http", "localhost", 3000)),
        ("http://0x.example", ("http", "0x.example", 80)),
        ("http://0", ("http", "0.0.0.0", 80)),
    ],
)
def test_parse(url: str, expected: tuple[str, str, int]) -> None:
    assert Origin.parse(url) == expected


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("shop.example", "not a web address"),
        ("", "not a web address"),
        ("//shop.example", "not a web address"),
        ("http:shop.example", "not a web address"),
        ("http:/shop.example", "not a web address"),
        ("http:\\\\shop.example", "not a web address"),
        ("javascript:alert(1)//https://shop.example", "not a web address"),
        ("javascript://shop.example/%0aalert(1)", "javascript"),
        ("file:///etc/passwd", "file"),
        ("chrome://settings", "chrome"),
        ("ftp://shop.example", "ftp"),
        ("http:///shop.example", "no valid host"),
        ("http://", "no valid host"),
        ("http://user@/", "no valid host"),
        ("http://a..b", "no valid host"),
        ("http://shop.example..", "no valid host"),
        ("http://.shop.example", "no valid host"),
        ("http://sh*p.example", "no valid host"),
        ("http://shop%2Fexample", "no valid host"),
        ("http://shop%00.example", "no valid host"),
        ("http://" + "a" * 64 + ".example", "no valid host"),
        ("http://" + ".".join(["abcdefgh"] * 40), "no valid host"),
        ("http://shop.example\\@evil.example/", "backslash"),
        ("http://shop.example\t.evil.example/", "control character"),
        ("http://shop .example", "space"),
        ("http://%ff.example", "UTF-8"),
        ("http://\u2028.example", "xn--"),
        ("http://256.0.0.1", "out of range"),
        ("http://1.2.3.4.5", "not an IPv4"),
        ("http://foo.0x7f", "not an IPv4"),
        ("http://09.0.0.1", "not an IPv4"),
        ("http://4294967296", "out of range"),
        ("http://" + "9" * 63, "not an IPv4"),
        ("http://[::1", "no valid IPv6"),
        ("http://[::g]", "no valid IPv6"),
        ("http://[fe80::1%25eth0]", "zone"),
        ("http://[::1]evil.example", "brackets"),
        ("http://shop.example:0", "port"),
        ("http://shop.example:65536", "port"),
        ("http://shop.example:" + "1" * 5000, "port"),
        ("http://shop.example:٨٠", "port"),
        ("http://shop.example:80:80", "port"),
        ("http://shop.example:-1", "port"),
    ],
)
def test_unreadable_urls_name_the_cause(url: str, cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        Origin.parse(url)
    assert not allowed(url, [OriginPattern.parse("*")])


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("http://app.localhost", True),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert Origin.parse(url).is_loopback is loopback


@pytest.mark.parametrize(
    ("pattern", "url", "match"),
    [
        ("https://shop.example", "https://shop.example/cart", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://shop.example", "https://evilshop.example", False),
        ("https://shop.example", "https://www.shop.example", False),
        ("https://*.shop.example", "https://www.shop.example", True),
        ("https://*.shop.example", "https://a.b.shop.example", True),
        ("https://*.shop.example", "https://shop.example", False),
        ("https://*.shop.example", "https://evilshop.example", False),
        ("https://*.shop.example", "https://www.shop.example.evil.example", False),
        ("https://*.shop.example", "http://www.shop.example", False),
        ("https://*.shop.example:8443", "https://www.shop.example:8443", True),
        ("http://*.localhost:3000", "http://app.localhost:3000", True),
        ("*", "http://anything.example:1", True),
        ("*", "file:///etc/passwd", False),
    ],
)
def test_patterns(pattern: str, url: str, match: bool) -> None:
    parsed = OriginPattern.parse(pattern)
    assert allowed(url, [parsed]) is match
    assert OriginPattern.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("https://*.com", "too wide"),
        ("https://*.127.0.0.1", "address"),
        ("https://*.[::1]", "address"),
        ("https://*", "no valid host"),
        ("https://a.*.example", "no valid host"),
        ("https://*.*.example", "no valid host"),
        ("https://shop.example:*", "port"),
        ("https://shop.example/cart", "path"),
        ("https://shop.example?x", "path"),
        ("https://ada@shop.example", "credentials"),
        ("shop.example", "in full"),
        ("**", "in full"),
        ("data:text/html,x", "in full"),
    ],
)
def test_patterns_that_are_refused(text: str, cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        OriginPattern.parse(text)


@pytest.mark.parametrize(
    ("url", "document", "subresource"),
    [
        ("about:blank", True, True),
        ("about:blank#x", True, True),
        ("about:srcdoc", False, False),
        ("about:blankets", False, False),
        ("data:text/html,<p>", False, True),
        ("blob:https://shop.example/1b9d", False, True),
        ("javascript:alert(1)", False, False),
        ("view-source:https://shop.example", False, False),
        ("chrome://version", False, False),
        ("file:///etc/passwd", False, False),
        ("https://shop.example/logo.png", True, True),
        ("https://evil.example/logo.png", False, False),
    ],
)
def test_schemes(url: str, document: bool, subresource: bool) -> None:
    patterns = [OriginPattern.parse("https://shop.example")]
    assert allowed(url, patterns) is document
    assert allowed(url, patterns, subresource=True) is subresource


def test_no_patterns_allow_nothing() -> None:
    assert not allowed("https://shop.example", [])


@given(HOST, HOST)
@example("shop.example", "shop.example.evil")
@example("example.com", "notexample.com")
def test_a_host_matches_a_pattern_only_label_by_label(granted: str, asked: str) -> None:
    exact = OriginPattern.parse(f"https://{granted}")
    below = OriginPattern.parse(f"https://*.{granted}")
    for host in (asked, granted + asked, asked + granted, f"{granted}.{asked}", f"{asked}.{granted}", f"x{granted}"):
        labels, wanted = host.split("."), granted.split(".")
        url = f"https://{host}/{granted}?{granted}#{granted}"
        assert allowed(url, [exact]) is (labels == wanted)
        assert allowed(url, [below]) is (len(labels) > len(wanted) and labels[-len(wanted) :] == wanted)


@given(HOST, HOST, st.sampled_from(["", ":443", ":x", "%40"]))
def test_credentials_never_pass_for_the_host(granted: str, asked: str, filler: str) -> None:
    assert Origin.parse(f"https://{granted}{filler}@{asked}/").host == asked


@given(st.text(max_size=40))
def test_any_text_gives_an_origin_that_reads_back_or_a_usage_error(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.example{text}"):
        try:
            origin = Origin.parse(url)
        except UsageError:
            continue
        assert Origin.parse(str(origin)) == origin
        assert origin.host.isascii()


@given(st.integers(0, 2**32 - 1))
def test_every_encoding_of_an_ipv4_address_is_that_address(number: int) -> None:
    address = str(ipaddress.IPv4Address(number))
    a, rest = number >> 24, number & 0xFFFFFF
    for host in (str(number), hex(number), f"0{number:o}", f"{a}.{rest}", f"0x{a:X}.0{rest:o}", f"[::ffff:{address}]"):
        assert Origin.parse(f"http://{host}").host == address
