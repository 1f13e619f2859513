"""The security schemes of AsyncAPI 2.x, told apart by their `type`."""

from __future__ import annotations

from codegen.contract import Json
from codegen.document import Location
from codegen.validate.shapes import Anything, Fields, MapOf, Shape, Text, Walk

_URL = Text(format="an absolute URL")
_DESCRIBED: dict[str, Shape] = {"type": Anything(), "description": Text()}
_FLOW: dict[str, Shape] = {
    "authorizationUrl": _URL,
    "tokenUrl": _URL,
    "refreshUrl": _URL,
    "scopes": MapOf(Text()),
}
_FLOWS = Fields(
    "the OAuth flows",
    {
        "implicit": Fields(
            "the implicit flow", _FLOW, ("authorizationUrl", "scopes"), forbidden=("tokenUrl",)
        ),
        "password": Fields(
            "the password flow", _FLOW, ("tokenUrl", "scopes"), forbidden=("authorizationUrl",)
        ),
        "clientCredentials": Fields(
            "the client credentials flow", _FLOW, ("tokenUrl", "scopes"), forbidden=("authorizationUrl",)
        ),
        "authorizationCode": Fields(
            "the authorization code flow", _FLOW, ("authorizationUrl", "tokenUrl", "scopes")
        ),
    },
    extensible=False,
)
_SCHEMES: dict[str, Shape] = {
    **{
        name: Fields(f"a security scheme of type {name}", _DESCRIBED)
        for name in ("userPassword", "X509", "symmetricEncryption", "asymmetricEncryption")
    },
    "apiKey": Fields(
        "a security scheme of type apiKey", {**_DESCRIBED, "in": Text(("user", "password"))}, ("in",)
    ),
    "httpApiKey": Fields(
        "a security scheme of type httpApiKey",
        {**_DESCRIBED, "name": Text(), "in": Text(("header", "query", "cookie"))},
        ("name", "in"),
    ),
    "http": Fields("a security scheme of type http", {**_DESCRIBED, "scheme": Text()}, ("scheme",)),
    "oauth2": Fields(
        "a security scheme of type oauth2", {**_DESCRIBED, "flows": _FLOWS}, ("flows",), closed=False
    ),
    "openIdConnect": Fields(
        "a security scheme of type openIdConnect",
        {**_DESCRIBED, "openIdConnectUrl": _URL},
        ("openIdConnectUrl",),
    ),
}
_SASL: dict[str, Shape] = {
    name: Fields(f"a security scheme of type {name}", _DESCRIBED)
    for name in ("plain", "scramSha256", "scramSha512", "gssapi")
}
_BEARER = Fields(
    "a security scheme of type http",
    {**_DESCRIBED, "scheme": Text(), "bearerFormat": Text()},
    ("scheme",),
)


class SecurityScheme(Shape):
    """One of many objects, told apart by `type`."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report a type that there is not, or what the type does not have."""
        if not isinstance(value, dict):
            walk.must_be(at, value, "a mapping: a security scheme")
            return
        if "type" not in value:
            walk.report(at, "missing-field", 'a security scheme needs "type"')
            return
        name = value["type"]
        schemes = {**_SCHEMES, **(_SASL if walk.minor >= 1 else {})}
        if not isinstance(name, str) or name not in schemes:
            Text(tuple(schemes)).check(walk, at.child("type"), name)
            return
        if name == "http" and value.get("scheme") == "bearer":
            _BEARER.check(walk, at, value)
        else:
            schemes[name].check(walk, at, value)
