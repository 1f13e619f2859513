"""Two contracts compared: every change with its direction, a verdict, and a sentence that says who breaks."""

from codegen.diff.changes import VERDICTS, Change, Comparison, Direction, Verdict
from codegen.diff.compare import compare_contracts
from codegen.diff.reports import markdown, text, to_json
from codegen.diff.revisions import UnknownReferenceError, pair, read

__all__ = [
    "VERDICTS",
    "Change",
    "Comparison",
    "Direction",
    "UnknownReferenceError",
    "Verdict",
    "compare_contracts",
    "markdown",
    "pair",
    "read",
    "text",
    "to_json",
]
