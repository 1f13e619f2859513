"""What several commands take on the command line."""

from __future__ import annotations

import argparse


def add_document(parser: argparse.ArgumentParser, what: str = "the document") -> None:
    """Let the document be named, or be where it usually is."""
    parser.add_argument(
        "document",
        nargs="?",
        default="spec/asyncapi.yaml",
        metavar="DOC",
        help=f"{what}, YAML or JSON; its $refs may lead to other files (default: %(default)s)",
    )
