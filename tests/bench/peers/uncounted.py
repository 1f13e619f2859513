"""Takes out of the fan-out all that it does for the metrics alone, to see what counting costs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from types import ModuleType

from service.counters import ChannelCounters, Counters
from service.delivery import lanes, turn

_COUNTED = {*Counters.__slots__, *ChannelCounters.__slots__, "delivered"}
_TIMED = "_timed"
"""What is asked wherever it is timed how long an update takes."""


def take_counting_out() -> None:
    """Until the process ends; what has been counted so far stays."""
    _replace(lanes, (lanes.Lane,))
    _replace(turn, (turn.Turn,))


def _replace(module: ModuleType, classes: Sequence[type]) -> None:
    """Give classes their methods anew, made of the same source without the statements that count."""
    tree = _Uncounted().visit(ast.parse(inspect.getsource(module)))
    names = dict(vars(module))
    exec(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), names)
    for one in classes:
        for name, method in vars(names[one.__name__]).items():
            if inspect.isfunction(method):
                setattr(one, name, method)


class _Uncounted(ast.NodeTransformer):
    """Leaves out `….counter += …`, and what is done only where it is timed."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        counts = isinstance(node.target, ast.Attribute) and node.target.attr in _COUNTED
        return ast.Pass() if counts else node

    def visit_If(self, node: ast.If) -> ast.stmt:
        asked = {one.attr for one in ast.walk(node.test) if isinstance(one, ast.Attribute)}
        if _TIMED in asked:
            return ast.Pass()
        self.generic_visit(node)
        return node
