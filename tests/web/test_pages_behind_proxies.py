"""The sample files for nginx and Caddy: their own programs read them, and pages are reached through them."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
import trustme
from requiring import needs
from running import wait_until
from smtpserver import free_port
from visiting import Reader, Seen, make_settings, make_site, reading

from collector.config import Listen, Settings
from collector.storage.database import Database

CONFIG = Path(__file__).parents[2] / "config"
NGINX, CADDY = shutil.which("nginx"), shutil.which("caddy")
with_nginx = needs("proxies", is_there=bool(NGINX), reason="nginx is not on this machine")
with_caddy = needs("proxies", is_there=bool(CADDY), reason="Caddy is not on this machine")
NAME = "digest.example.org"


def told_of(text: str) -> Settings:
    """The settings that a sample file's comment says belong to it."""
    lines = [line.lstrip("# ").rstrip() for line in text.splitlines() if line.startswith("#   ")]
    assert lines[0] == "[web]"
    values = dict(line.split(" = ", 1) for line in lines[1:])
    return make_settings(
        web={
            "listen": values["listen"].strip('"'),
            "base_url": values["base_url"].strip('"'),
            "proxies": [values["proxies"].strip('[]"')],
        }
    )


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_what_a_sample_file_says_belongs_to_it_does(name: str) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")
    web = told_of(text).web
    assert str(web.listen) == "127.0.0.1:8080"
    assert "127.0.0.1:8080" in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    assert web.base_url == f"https://{NAME}"
    assert web.proxies == ("127.0.0.1",)


class Proxy:
    """A proxy on loopback, asked over TLS or not."""

    def __init__(self, port: int, authority: trustme.CA | None) -> None:
        self._port, self._authority = port, authority

    def get(self, path: str, **headers: str) -> Seen:
        return self._ask("GET", path, None, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: bytes) -> Seen:
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Seen:
        connection = self._connect()
        try:
            connection.request(method, path, body=body, headers={"Host": NAME} | headers)
            answer = connection.getresponse()
            return Seen(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        if self._authority is None:
            return HTTPConnection("127.0.0.1", self._port, timeout=20)
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        context.check_hostname = False
        return HTTPSConnection("127.0.0.1", self._port, timeout=20, context=context)


def write_nginx(folder: Path, port: int, behind: int, prefix: str = "") -> tuple[Path, trustme.CA]:
    """The sample with this machine's ports and a certificate, in a frame as nginx has it."""
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    for name, blobs in (("fullchain", certificate.cert_chain_pems), ("privkey", [certificate.private_key_pem])):
        (folder / f"{name}.pem").write_bytes(b"".join(blob.bytes() for blob in blobs))
    sample = (CONFIG / "nginx.conf").read_text(encoding="utf-8")
    sample = sample.replace(f"/etc/letsencrypt/live/{NAME}/", f"{folder}/").replace(
        "127.0.0.1:8080", f"127.0.0.1:{behind}"
    )
    sample = re.sub(r"listen \[::\]:\d+.*;\n", "", sample)
    sample = sample.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    sample = sample.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    if prefix:
        sample = sample.replace("location / {", f"location {prefix}/ {{").replace("~ ^/(", f"~ ^{prefix}/(")
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"pid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log {folder}/access.log;\n{places}{sample}}}\n"
    (folder / "whole.conf").write_text(whole, encoding="utf-8")
    return folder / "whole.conf", authority


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        assert process.poll() is None, process.stdout and process.stdout.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@with_nginx
def test_nginx_finds_nothing_wrong_with_its_sample(tmp_path: Path) -> None:
    file, _ = write_nginx(tmp_path, free_port(), 8080)
    command = [str(NGINX), "-t", "-e", str(tmp_path / "error.log"), "-c", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "warn" in done.stderr) == (0, False), done.stderr


@contextmanager
def through_nginx(folder: Path, reader: Reader, prefix: str = "") -> Iterator[Proxy]:
    port = free_port()
    file, authority = write_nginx(folder, port, reader.listen.port, prefix)
    with running([str(NGINX), "-e", str(folder / "error.log"), "-c", str(file), "-g", "daemon off;"], port):
        yield Proxy(port, authority)


@with_nginx
def test_pages_are_reached_through_nginx(database: Database, tmp_path: Path) -> None:
    settings = told_of((CONFIG / "nginx.conf").read_text(encoding="utf-8"))
    with reading(database, settings) as reader, through_nginx(tmp_path, reader) as proxy:
        first = proxy.get("/privacy", Accept_Encoding="gzip")
        assert first.status == 200
        assert first.headers["Content-Encoding"] == "gzip"
        assert first.headers["Strict-Transport-Security"] == "max-age=31536000"
        again = proxy.get("/privacy", Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])
        assert again.status == 304
        assert f'<link rel="canonical" href="https://{NAME}/privacy">' in proxy.get("/privacy").text
        assert proxy.get("/settings/a-secret", Accept_Encoding="gzip").headers["Content-Encoding"] is None
        assert "a-secret" not in (tmp_path / "access.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("prefix", ["", "/letters"])
@with_nginx
def test_nginx_logs_no_personal_link_while_the_collector_is_away(tmp_path: Path, prefix: str) -> None:
    away = Reader(make_site(Database("sqlite://")), Listen(host="127.0.0.1", port=free_port()))
    with through_nginx(tmp_path, away, prefix) as proxy:
        assert proxy.get(f"{prefix}/privacy").status == 502
        assert proxy.get(f"{prefix}/settings/a-secret").status == 502
    logs = "".join((tmp_path / name).read_text(encoding="utf-8") for name in ("access.log", "error.log"))
    assert "/privacy" in logs
    assert "a-secret" not in logs


@with_nginx
def test_behind_nginx_each_visitor_has_a_purse_and_nobody_makes_one_up(database: Database, tmp_path: Path) -> None:
    settings = told_of((CONFIG / "nginx.conf").read_text(encoding="utf-8"))
    table = "/digests/weekly/2026-W47.csv"
    with reading(database, settings) as reader, through_nginx(tmp_path, reader) as proxy:
        seen = [proxy.get(table, X_Forwarded_For=f"198.51.100.{number}").status for number in range(61)]
        assert seen == [404] * 60 + [429]


@with_nginx
def test_pages_are_reached_under_a_path_of_a_site(database: Database, tmp_path: Path) -> None:
    settings = make_settings(web={"base_url": f"https://{NAME}/letters", "proxies": ["127.0.0.1"]})
    with reading(database, settings) as reader, through_nginx(tmp_path, reader, "/letters") as proxy:
        page = proxy.get("/letters/digests/weekly")
        assert page.status == 200
        for address in set(re.findall(r'(?:href|action)="(/[^"]*)"', page.text)) - {"/letters/posts"}:
            assert address.startswith("/letters/")
            assert proxy.get(address).status in {200, 404}, address
        assert proxy.get("/letters/style.css").status == 200


@with_caddy
def test_caddy_finds_nothing_wrong_with_its_sample() -> None:
    command = [str(CADDY), "validate", "--adapter", "caddyfile", "--config", str(CONFIG / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not formatted" not in done.stderr


@contextmanager
def through_caddy(folder: Path, reader: Reader) -> Iterator[Proxy]:
    port = free_port()
    sample = (CONFIG / "Caddyfile").read_text(encoding="utf-8")
    sample = sample.replace(f"{NAME} {{", f"http://{NAME}:{port} {{", 1)
    sample = sample.replace("127.0.0.1:8080", f"127.0.0.1:{reader.listen.port}")
    sample = sample.replace("\tlog default {", f"\tadmin off\n\tlog default {{\n\t\toutput file {folder}/caddy.log")
    file = folder / "Caddyfile"
    file.write_text(sample, encoding="utf-8")
    with running([str(CADDY), "run", "--adapter", "caddyfile", "--config", str(file)], port):
        yield Proxy(port, None)


@with_caddy
def test_pages_are_reached_through_caddy(database: Database, tmp_path: Path) -> None:
    settings = told_of((CONFIG / "Caddyfile").read_text(encoding="utf-8"))
    with reading(database, settings) as reader, through_caddy(tmp_path, reader) as proxy:
        assert proxy.get("/privacy", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
        for own in ("/settings/a-secret", "/letters/settings/a-secret"):
            assert proxy.get(own, Accept_Encoding="gzip").headers["Content-Encoding"] is None
        table = "/digests/weekly/2026-W47.csv"
        seen = [proxy.get(table, X_Forwarded_For=f"198.51.100.{number}").status for number in range(61)]
        assert seen[-1] == 429


@with_caddy
@pytest.mark.parametrize("size", [20_000, 64_500, 120_000])
def test_through_caddy_more_than_any_form_holds_is_told_to_be_too_much(
    database: Database, tmp_path: Path, size: int
) -> None:
    settings = told_of((CONFIG / "Caddyfile").read_text(encoding="utf-8"))
    with reading(database, settings) as reader, through_caddy(tmp_path, reader) as proxy:
        assert proxy.post("/settings/x", b"x" * size).status == 413


@with_caddy
def test_caddy_logs_neither_personal_links_nor_who_asks_while_the_collector_is_away(tmp_path: Path) -> None:
    away = Reader(make_site(Database("sqlite://")), Listen(host="127.0.0.1", port=free_port()))
    with through_caddy(tmp_path, away) as proxy:
        assert proxy.get("/settings/a-secret").status == 502
    log = (tmp_path / "caddy.log").read_text(encoding="utf-8")
    assert "connection refused" in log
    assert "a-secret" not in log
    assert '"remote_ip"' not in log
