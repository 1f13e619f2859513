"""The pages that the service shows: the live demo and the interactive documentation.

Their sources (`demo/`, `docs/`, `shared/`) are bundled by `python -m service.web build` into `dist/`, from
which `web_routes` serves them. Both work without any other host, under a strict content security policy.
"""

from service.web.routes import CONTENT_SECURITY_POLICY, web_routes

__all__ = ["CONTENT_SECURITY_POLICY", "web_routes"]
