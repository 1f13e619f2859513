"""`python -m service.web build`: bundle the pages."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from service.web.build import BuildError, build


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.web", description="The service's pages.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    building = commands.add_parser("build", help="bundle the demo and the documentation page")
    building.add_argument("--force", action="store_true", help="bundle even where nothing has changed")
    options = parser.parse_args(arguments)
    try:
        build(force=options.force, say=partial(print, flush=True))
    except BuildError as error:
        print(f"service.web: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
