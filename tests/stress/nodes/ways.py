"""The ways from clients to whichever node lives, one for each client, and what becomes of them."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Sequence
from random import Random

from tests.clients.proxy import Cut, Half, Link, Proxy
from tests.stress.nodes.machines import Node

_RECEIVE_BUFFER = 4096


class Way(Proxy):
    """One client's; each connection goes to a node that is up, by chance."""

    def __init__(self, nodes: Sequence[Node], random: Random, counts: Counter[str], *, slow: bool) -> None:
        """`slow` ways hold little, and stand still for seconds now and then: a server notices who does not read."""
        super().__init__(0)
        self._slow = slow
        self._nodes = nodes
        self._random = random
        self._counts = counts
        self._server: asyncio.Server | None = None
        self._node_of: dict[Link, Node] = {}

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.get_running_loop().create_server(self.take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End, with all connections."""
        self.refuse = True
        self.cut()
        if self._server is not None:
            self._server.close()

    def mend(self) -> None:
        """Be a good way from now on; connections that were slow are lost once more."""
        if self._slow:
            self._slow = False
            self.cut()
        for link in self.links:
            link._cut = None

    def cut_those_to(self, node: Node) -> None:
        """Reset the connections to one node."""
        for link in list(self.links):
            if self._node_of.get(link) is node:
                link.cut()

    async def trouble(self, mean: float) -> None:
        """Cut connections, `mean` seconds after each other on average, or stop them for a while, until cancelled."""
        try:
            while True:
                await asyncio.sleep(self._random.expovariate(1 / mean))
                if self._slow and self._random.random() < 0.6:
                    self._counts["ways that stood still"] += 1
                    self.stall()
                    await asyncio.sleep(self._random.uniform(2.0, 6.0))
                    self.resume()
                elif self._random.random() < 0.5:
                    self._counts["cuts: in the middle"] += 1
                    for link in self.links:
                        octets = link.counted["to-client"] + self._random.randrange(1, 2000)
                        link._cut = Cut(octets, how=self._random.choice(("reset", "end")))
                else:
                    self._counts["cuts: at once"] += 1
                    self._random.choice((self.cut, self.end))()
        finally:
            self.resume()

    async def _reach(self, link: Link) -> None:
        """Connect to a node."""
        up = [node for node in self._nodes if node.up] or list(self._nodes)
        node = self._node_of[link] = self._random.choice(up)
        self._counts[f"connections to {node.name}"] += 1
        loop = asyncio.get_running_loop()
        try:
            if self._slow:
                await self._by_a_small_socket(link, node)
            else:
                await loop.create_connection(lambda: Half(link, "to-client"), "127.0.0.1", node.port)
        except OSError:
            link.cut()

    async def _by_a_small_socket(self, link: Link, node: Node) -> None:
        bare = socket.socket()
        bare.setblocking(False)
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(bare, ("127.0.0.1", node.port))
        except OSError:
            bare.close()
            raise
        await loop.create_connection(lambda: Half(link, "to-client"), sock=bare)
