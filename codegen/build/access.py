"""Who may: the document's security schemes, what an operation asks of a client, and what `x-access` asks of a token."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.build.channels import ChannelDraft
from codegen.build.context import Context
from codegen.build.traits import merged_fields
from codegen.contract import Access, Scheme
from codegen.document import Location


def build_schemes(context: Context) -> tuple[Scheme, ...]:
    """`components.securitySchemes`, in document order."""
    return tuple(
        Scheme(name, _title(context, place), context.text(place, "description"))
        for name, place in context.entries(context.root, "components", "securitySchemes")
    )


def security(context: Context, draft: ChannelDraft) -> tuple[str, ...]:
    """The schemes of which a client needs one; none where a client needs none, as `security: [{}]` says."""
    found = list(_requirements(context, draft))
    return tuple(dict.fromkeys(name for names in found for name in names)) if all(found) else ()


def access(context: Context, draft: ChannelDraft) -> Access | None:
    """`x-access`; without one, where the operation asks for security, any valid token will do."""
    place = context.at(draft.at, "x-access")
    if place is None:
        return Access((), None) if security(context, draft) else None
    scopes = (context.value(item) for item in context.items(place, "scopes"))
    return Access(
        tuple(scope for scope in scopes if isinstance(scope, str)), context.text(place, "parameter") or None
    )


def security_place(context: Context, draft: ChannelDraft) -> Location | None:
    """Where what clients send asks for security; None where it does not."""
    operation = context.at(draft.at, "publish")
    return merged_fields(context, operation).get("security") if operation is not None else None


def _requirements(context: Context, draft: ChannelDraft) -> Iterator[tuple[str, ...]]:
    place = security_place(context, draft)
    for item in context.items(place) if place is not None else ():
        yield tuple(name for name, _ in context.entries(item))


def _title(context: Context, place: Location) -> str:
    """A scheme in a few words."""
    scheme, form = context.text(place, "scheme"), context.text(place, "bearerFormat")
    name, where = context.text(place, "name"), context.text(place, "in")
    kind = context.text(place, "type")
    titles = {
        "http": f"{scheme} token, {form}" if form else f"{scheme} token",
        "httpApiKey": f"API key in the {where} {name}",
        "apiKey": f"API key as {where}",
        "oauth2": "OAuth 2.0 token",
        "openIdConnect": "OpenID Connect token",
        "userPassword": "user and password",
    }
    return titles.get(kind, kind)
