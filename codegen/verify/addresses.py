"""Where the paths of a document are on a server."""

from __future__ import annotations

from itertools import islice, product
from typing import cast
from urllib.parse import quote, urlsplit, urlunsplit

from codegen.contract import Endpoint, Json, Parameter
from codegen.verify.collecting import Collection
from codegen.verify.sight import Sight, text_of
from codegen.verify.strategies import ABSENT, simple
from codegen.written import standalone

_MOST = 6
"""Addresses of one path that are tried."""


def addresses_of(sight: Sight, endpoint: Endpoint, url: str, collection: Collection) -> list[str]:
    """Where a path is, for each listed value of its parameters; what is left out is noted as not tried."""
    found: dict[str, None] = {}
    ways = product(*(_texts(sight, one) for one in endpoint.parameters))
    for texts in islice(ways, _MOST):
        if urlsplit(url).path.rstrip("/") == _path(endpoint, texts).rstrip("/"):
            return [url]  # asked for by its own address
        address = _address(sight, endpoint, url, texts)
        if address is not None:
            found[address] = None
    left = sum(1 for _ in islice(ways, 10_000))
    if left and len(found) == _MOST:
        collection.undone[f"{endpoint.path}: {left} more values of its parameters"] = None
    return list(found)


def socket_of(sight: Sight, url: str) -> str:
    """Where the one socket of a document with an envelope is: at the document's path, where the address has none."""
    endpoints = sight.contract.endpoints
    if urlsplit(url).path.rstrip("/") or not endpoints:
        return url
    return address_of(sight, endpoints[0], url) or url


def address_of(sight: Sight, endpoint: Endpoint, url: str) -> str | None:
    """Where a path of the document is on the server at a `ws://` address; None where the address is another path's.

    An address without a path is that of the whole server; with one, it is that of a socket, or what stands before
    all of them.
    """
    return _address(sight, endpoint, url, tuple(_texts(sight, one)[0] for one in endpoint.parameters))


def _texts(sight: Sight, parameter: Parameter) -> list[str]:
    """The values of a parameter that are listed, else one that it may have."""
    if parameter.enum:
        return [text_of(one) or "1" for one in parameter.enum]
    value: Json | object = parameter.default
    if value is None:
        value = "1"
        if parameter.place is not None:
            schema = standalone(sight.document, parameter.place)
            value = simple(schema, cast("dict[str, Json]", schema.get("definitions", {})))
    return ["1" if value is ABSENT else text_of(cast("Json", value)) or "1"]


def _address(sight: Sight, endpoint: Endpoint, url: str, texts: tuple[str, ...]) -> str | None:
    parts, path = urlsplit(url), _path(endpoint, texts)
    given = parts.path.rstrip("/")
    if given and given != path.rstrip("/"):
        if any(given == one.path.rstrip("/") for one in sight.contract.endpoints):
            return None
        if len(sight.contract.endpoints) == 1:
            path = parts.path
        else:
            own = "/" + endpoint.channels[0].address.lstrip("/")
            path = given + (own if "{" not in own else path)
    return urlunsplit((parts.scheme, parts.netloc, path or "/", parts.query, ""))


def _path(endpoint: Endpoint, texts: tuple[str, ...]) -> str:
    path = endpoint.path
    for parameter, text in zip(endpoint.parameters, texts, strict=True):
        path = path.replace("{" + parameter.name + "}", quote(text, safe=""))
    return path
