"""The handlers that serve the pages."""

from __future__ import annotations

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from service.web.assets import Asset, Bundle

DEMO_PATH = "/demo"
DOCS_PATH = "/api/v1/ws/asyncapi"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""What the pages may do: nothing inline, nothing evaluated, nothing from elsewhere."""

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
REVALIDATE = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
"""For files whose names change with their content."""

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>This page is not built yet</title>
<h1>This page is not built yet</h1>
<p>Run <code>python -m service.web build</code> in the project's folder, then load the page again.</p>
</html>
"""

AnyRequest = Request[object, object, State]


def web_routes(demo: Bundle | None = None, docs: Bundle | None = None) -> list[ControllerRouterHandler]:
    """The handlers for the demo, the interactive documentation, and what both load.

    The pages come from the project's own build unless other bundles are given.
    """
    return [
        *_page(DEMO_PATH, "demo", demo or Bundle("demo")),
        *_page(DOCS_PATH, "asyncapi_page", docs or Bundle("docs")),
    ]


def _page(path: str, name: str, bundle: Bundle) -> list[ControllerRouterHandler]:
    @get(path, name=name, include_in_schema=False, sync_to_thread=False)
    def page(request: AnyRequest) -> Response[bytes]:
        index = bundle.find("index.html")
        if index is None:
            return Response(
                NOT_BUILT.encode(),
                status_code=503,
                media_type=MediaType.HTML,
                headers={**PAGE_HEADERS, "Cache-Control": "no-store"},
            )
        return _respond(request, index, REVALIDATE)

    @get(f"{path}/assets/{{file:str}}", name=f"{name}_asset", include_in_schema=False, sync_to_thread=False)
    def asset(request: AnyRequest, file: FromPath[str]) -> Response[bytes]:
        found = None if file == "index.html" else bundle.find(file)
        if found is None:
            return Response(
                b"There is no such file.\n",
                status_code=404,
                media_type=MediaType.TEXT,
                headers={**PAGE_HEADERS, "Cache-Control": "no-store"},
            )
        return _respond(request, found, FOREVER)

    return [page, asset]


def _respond(request: AnyRequest, asset: Asset, cache: str) -> Response[bytes]:
    headers = {**PAGE_HEADERS, "Cache-Control": cache, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    known = request.headers.get("if-none-match", "")
    if asset.etag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(b"", status_code=304, headers=headers)
    if asset.compressed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        # The compressed body is another representation, so its validator may be a weak one only.
        headers |= {"Content-Encoding": "gzip", "ETag": f"W/{asset.etag}"}
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.split(","):
        coding, _, parameters = part.partition(";")
        if coding.strip().lower() in {"gzip", "*"}:
            return parameters.replace(" ", "").rstrip("0").rstrip(".") not in {"q=", "q=0"}
    return False
