"""The guarded egress on loopback: what it refuses, each with its code, and what it lets through."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.domain.errors import TransientError
from dailies.domain.stop import StopToken
from tests.fakes.certificates import Authority, make_authority
from tests.fakes.web_site import Site, head, page, web_site
from tests.unit.adapters.web.asking import BOUNDS, code_of, egress_to, read, refusal, whole


def test_a_file_comes_whole(site: Site, authority: Authority) -> None:
    site.pages["/a.mp3"] = page(b"sound", Content_Type="audio/mpeg")
    with egress_to(site, authority).open(site.url("/a.mp3?token=1"), BOUNDS, stop=StopToken()) as answer:
        assert (answer.status, answer.length, answer.headers["content-type"]) == (200, 5, "audio/mpeg")
        assert whole(answer) == b"sound"
    [asked] = site.asked
    assert (asked.target, asked.headers["host"]) == ("/a.mp3?token=1", f"media.test:{site.port}")
    assert asked.headers["accept-encoding"] == "identity"


def test_a_chunked_file_comes_whole(site: Site, authority: Authority) -> None:
    chunks = b"3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n"
    site.pages["/a"] = lambda _, write: write(head(Transfer_Encoding="chunked") + chunks)
    assert read(egress_to(site, authority), site.url("/a")) == b"abcde"


def test_a_refusal_s_page_may_be_anything(site: Site, authority: Authority) -> None:
    site.pages["/a"] = lambda _, write: write(head("403 Forbidden", Content_Encoding="gzip") + b"x")
    with egress_to(site, authority).open(site.url("/a"), BOUNDS, stop=StopToken()) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1",
        "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:a9fe:a9fe::]",
        "[2001:0:a9fe:a9fe::1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]",
        "[2606:4700::5efe:a00:1]",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_connected_to(host: str) -> None:
    assert refusal(GuardedEgress(), f"https://{host}/a.mp3") == "address_refused"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://media.test/a", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("gopher://media.test/", "url_scheme"),
        ("//media.test/a", "url_scheme"),
        ("https://user:secret@media.test/a", "url_credentials"),
        ("https://media.test@127.0.0.1/a", "url_credentials"),
        ("https://media.test:22/a", "url_port"),
        ("https://media.test:0/a", "url_port"),
        ("https://media.test:99999/a", "url_invalid"),
        ("https://media.test\\@127.0.0.1/a", "url_invalid"),
        ("https://media.test/a\r\nHost: metadata", "url_invalid"),
        ("https://media.test/a b", "url_invalid"),
        ("https://[::1/a", "url_invalid"),
        ("https://[fe80::1%25lo]/a", "url_invalid"),
        ("https:///a", "url_invalid"),
        ("https://media..test/a", "url_invalid"),
        ("https://2130706433/a", "url_address"),
        ("https://0x7f000001/a", "url_address"),
        ("https://0177.0.0.1/a", "url_address"),
        ("https://127.1/a", "url_address"),
        ("https://0x7f.0.0.1/a", "url_address"),
        ("https://127.0.0.0x1/a", "url_address"),
        ("https://①②⑦.⓪.⓪.①/a", "address_refused"),
        ("https://127.0.0.1./a", "address_refused"),
        (f"https://media.test/{'a' * 9000}", "url_invalid"),
    ],
)
def test_urls_that_are_not_what_they_seem_are_refused(url: str, code: str) -> None:
    assert refusal(GuardedEgress(), url) == code


def answers(*found: str) -> Callable[..., list[tuple[Any, ...]]]:
    """A name server that gives one answer after the other, the last for ever; an answer is addresses with a space."""
    left = list(found)

    def look_up(_host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        addresses = (left.pop(0) if len(left) > 1 else left[0]).split()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up


@pytest.mark.parametrize("addresses", ["169.254.169.254", "10.0.0.1", "8.8.8.8 10.0.0.1", "127.0.0.1"])
def test_names_of_addresses_that_are_not_public_are_refused(addresses: str) -> None:
    egress = GuardedEgress(Dialer(resolve=answers(addresses)))
    assert refusal(egress, "https://metadata.google.internal/computeMetadata/v1/") == "address_refused"


def test_a_name_that_changes_its_answer_is_asked_once(site: Site, authority: Authority) -> None:
    site.pages["/a"] = page(b"sound")
    asked: list[str] = []
    look_up = answers("127.0.0.1", "169.254.169.254")

    def counting(host: str, port: int, **more: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return look_up(host, port, **more)

    egress = egress_to(site, authority, resolve=counting)
    assert read(egress, site.url("/a", "moving.test")) == b"sound"
    assert asked == ["moving.test"]
    # Each request and each redirect has a look-up of its own, and what that says is checked.
    assert refusal(egress, site.url("/a", "moving.test")) == "address_refused"


def test_names_that_nobody_has_are_told_from_a_name_server_that_is_away() -> None:
    def fails(number: int) -> Callable[..., list[tuple[Any, ...]]]:
        def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
            raise socket.gaierror(number, "x")

        return look_up

    assert refusal(GuardedEgress(Dialer(resolve=fails(socket.EAI_NONAME))), "https://nobody.test/") == "host_unknown"
    with pytest.raises(TransientError) as away:
        read(GuardedEgress(Dialer(resolve=fails(socket.EAI_AGAIN))), "https://nobody.test/")
    assert code_of(away) == "host_unresolved"


def test_loopback_is_open_to_the_one_port_that_a_test_names(site: Site, authority: Authority) -> None:
    with web_site(authority) as other:
        egress = egress_to(site, authority, ports={443, site.port, other.port})
        assert refusal(egress, other.url("/a")) == "address_refused"
        assert other.connections == 0


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://media.test/b", "url_scheme"),
        ("https://169.254.169.254/latest/meta-data/", "address_refused"),
        ("https://127.0.0.1/admin", "address_refused"),
        ("https://[::ffff:10.0.0.1]/", "address_refused"),
        ("https://2852039166/", "url_address"),
        ("//127.0.0.1/b", "address_refused"),
        ("file:///etc/passwd", "url_scheme"),
        ("https://media.test:6379/", "url_port"),
        ("https://user:word@media.test/", "url_credentials"),
        ("https://[", "url_invalid"),
        ("/a", "too_many_redirects"),
    ],
)
def test_redirects_are_checked_as_the_first_url_is(site: Site, authority: Authority, location: str, code: str) -> None:
    site.pages["/a"] = page(b"", "302 Found", Location=location)
    assert refusal(egress_to(site, authority), site.url("/a")) == code


def test_a_redirect_to_nowhere_is_refused(site: Site, authority: Authority) -> None:
    site.pages["/a"] = page(b"", "301 Moved Permanently")
    assert refusal(egress_to(site, authority), site.url("/a")) == "redirect_refused"


def test_redirects_are_followed(site: Site, authority: Authority) -> None:
    site.pages["/a"] = page(b"", "308 Permanent Redirect", Location="b?c=1")
    site.pages["/b"] = page(b"sound")
    with egress_to(site, authority).open(site.url("/a"), BOUNDS, stop=StopToken()) as answer:
        assert (answer.url, whole(answer)) == (site.url("/b?c=1"), b"sound")


def test_what_is_sent_is_sent_to_one_server_alone(site: Site, authority: Authority) -> None:
    site.pages["/a"] = page(b"", "307 Temporary Redirect", Location="/b")
    egress = egress_to(site, authority)
    with egress.open(site.url("/a"), BOUNDS, stop=StopToken(), method="POST", body=b"event") as answer:
        assert answer.status == 307
    assert [(asked.method, asked.headers["content-length"]) for asked in site.asked] == [("POST", "5")]


def test_only_who_can_prove_its_name_is_believed(site: Site, authority: Authority, tmp_path: Path) -> None:
    site.pages["/a"] = page(b"sound")
    egress = egress_to(site, authority, resolve=site.resolve("stranger.test"))
    assert refusal(egress, site.url("/a", "stranger.test")) == "certificate_refused"
    assert refusal(egress_to(site, make_authority(tmp_path)), site.url("/a")) == "certificate_refused"
    assert not site.asked


def test_who_does_not_answer_may_later(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    egress = GuardedEgress(Dialer({port}, also={("127.0.0.1", port)}), authority.trust())
    with pytest.raises(TransientError) as gone:
        read(egress, f"https://127.0.0.1:{port}/")
    assert code_of(gone) == "connection_failed"
