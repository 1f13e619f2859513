"""The proxies' configurations, under the proxies themselves, before two real nodes."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import ClientConnection as Socket

from service.settings import Settings
from tests.service.running import AAPL, PATIENCE, Running, eventually, service

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text()


@dataclass(frozen=True)
class Site:
    """A proxy before two nodes."""

    url: str
    nodes: list[Running]
    trust: ssl.SSLContext | None

    @asynccontextmanager
    async def client(self, local: str = "127.0.0.1", **headers: str) -> AsyncIterator[Socket]:
        """A connection through the proxy, from this address."""
        async with websockets.connect(
            f"{self.url}/api/v1/ws", ssl=self.trust, additional_headers=headers, local_addr=(local, 0)
        ) as connection:
            yield connection

    async def get(self, path: str) -> int:
        """The status of an HTTP answer."""
        host, port = self.url.rpartition("//")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port), ssl=self.trust)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status

    def serving(self) -> list[int]:
        """Connections of each node."""
        return [len(node.connections) for node in self.nodes]


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def certificate(folder: Path) -> None:
    """A certificate of this test's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.tapewire.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def nginx_version() -> tuple[int, ...]:
    """Of the nginx on the path."""
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said)
    assert found is not None, said
    return tuple(map(int, found.groups()))


def nginx(folder: Path, port: int, nodes: list[int]) -> tuple[list[str], dict[str, str]]:
    """The file as it stands, but for names, ports and folders that need root."""
    certificate(folder)
    text = NGINX.replace("/etc/ssl/tapewire", str(folder))
    if nginx_version() < (1, 25, 1):
        # As the file itself says.
        text = text.replace("http2 on;", "").replace(" ssl backlog", " ssl http2 backlog")
    text = re.sub(
        r"listen (443|80)\b", lambda m: f"listen 127.0.0.1:{port if m[1] == '443' else free_port()}", text
    )
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for place, node in zip(("8000", "8001"), nodes, strict=True):
        assert f"127.0.0.1:{place} " in text
        text = text.replace(f"127.0.0.1:{place} ", f"127.0.0.1:{node} ")
    places = "".join(
        f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {", f"http {{ {places}").replace("worker_processes auto", "worker_processes 1")
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-e", "error.log", "-c", "nginx.conf", "-g"]
    return [*command, "daemon off; pid nginx.pid;"], {}


def caddy(folder: Path, port: int, nodes: list[int]) -> tuple[list[str], dict[str, str]]:
    """The file as it stands; its variables are what it is made for."""
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + (DEPLOY / "Caddyfile").read_text())
    names = " ".join(f"127.0.0.1:{node}" for node in nodes)
    variables = {"TAPEWIRE_SITE": f"http://127.0.0.1:{port}", "TAPEWIRE_NODES": names, "HOME": str(folder)}
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], variables


@asynccontextmanager
async def site(proxy: str, folder: Path) -> AsyncIterator[Site]:
    """Two nodes and the proxy, which is ended with them."""
    if shutil.which(proxy) is None:
        pytest.skip(f"no {proxy} on the path")
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(service(forwarded_allow_ips="127.0.0.1", drain_window=0))
            for _ in range(2)
        ]
        port = free_port()
        ports = [int(node.url.rpartition(":")[2]) for node in nodes]
        command, variables = (nginx if proxy == "nginx" else caddy)(folder, port, ports)
        with (folder / "output").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=folder, env={**os.environ, **variables}, stdout=output, stderr=output
            )
        trust = None
        if proxy == "nginx":
            trust = ssl.create_default_context()
            trust.check_hostname = False
            trust.verify_mode = ssl.CERT_NONE
        try:
            await _listening(port, process, folder / "output")
            yield Site(f"{'ws' if trust is None else 'wss'}://127.0.0.1:{port}", nodes, trust)
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process, output: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, output.read_text()  # noqa: ASYNC240, nothing goes on any more
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)  # there is no event for a port that is not listened on yet
            else:
                writer.close()
                return


async def ask(client: Socket, message: object) -> dict[str, object]:
    """Send, and take the next message."""
    await client.send(json.dumps(message))
    async with asyncio.timeout(PATIENCE):
        answer: dict[str, object] = json.loads(await client.recv())
    return answer


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_the_proxy_does_what_the_page_says(proxy: str, tmp_path: Path) -> None:
    """Updates pass at once, clients keep their address and cannot make one up, newcomers find the node that is left."""
    async with site(proxy, tmp_path) as place:
        first, second = place.nodes
        async with (
            place.client("127.0.0.7", **{"X-Forwarded-For": "198.51.100.1"}) as one,
            place.client() as other,
        ):
            # Least connections: one each.
            await eventually(lambda: place.serving() == [1, 1])
            addresses = [connection.address for node in place.nodes for connection in node.connections]
            assert sorted(addresses) == ["127.0.0.1", "127.0.0.7"]
            for client in (one, other):
                assert (await ask(client, {"type": "bars.subscribe", "payload": AAPL}))["type"] == (
                    "bars.subscribe.response"
                )
            for node in place.nodes:
                node.publish(1.0)
            for client in (one, other):
                async with asyncio.timeout(PATIENCE):
                    assert json.loads(await client.recv())["type"] == "bars.update"

            assert await place.get("/api/v1/health/ready") == 200
            assert await place.get("/metrics") == 404
            assert await place.get("/internal/status") == 404

            first.server.should_exit = True
            closed = asyncio.gather(one.wait_closed(), other.wait_closed(), return_exceptions=True)
            await eventually(lambda: not first.connections)
            await eventually(lambda: 4000 in (one.close_code, other.close_code))
            assert (one.close_code, other.close_code).count(4000) == 1
            closed.cancel()
            # Whoever comes back finds the other node, however long the proxy takes to notice.
            for _ in range(4):
                async with place.client() as again:
                    assert (await ask(again, {"type": "ping"}))["type"] == "pong"
            assert place.serving()[0] == 0
            assert len(second.connections) >= 1


def test_nginx_is_told_of_http_2_as_it_wants_to_be() -> None:
    """By a directive: as a word of `listen` it is deprecated, and a warning at each start."""
    assert "http2" not in " ".join(re.findall(r"^ *listen .*$", NGINX, re.MULTILINE))
    assert re.search(r"^ *http2 on;$", NGINX, re.MULTILINE)


def test_nginx_waits_longer_than_the_service() -> None:
    """A connection is given up by the service, which knows who is dead, and not by the proxy for its silence."""
    settings = Settings()
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        (seconds,) = re.findall(rf"{name} (\d+)s;", NGINX)
        assert int(seconds) > settings.ping_interval + settings.ping_timeout
        assert int(seconds) > settings.heartbeat_interval


def test_nginx_believes_nobody() -> None:
    """The address that the nodes are told is the peer's alone; an upgrade is passed on, nothing is held back."""
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "$proxy_add_x_forwarded_for" not in NGINX
    for line in (
        "proxy_http_version 1.1;",
        "proxy_buffering off;",
        "proxy_set_header Upgrade $http_upgrade;",
    ):
        assert line in NGINX
