"""The fan-out without all that it does for the metrics alone, to see what counting costs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import ModuleType

from service.counters import ChannelCounters, Counters
from service.delivery import lanes, turn

_COUNTED = {*Counters.__slots__, *ChannelCounters.__slots__, "delivered"}
_TIMED = "_timed"
"""What is asked wherever it is timed how long an update takes."""
_CLASSES = ((lanes, lanes.Lane), (turn, turn.Turn))

Methods = dict[tuple[type, str], Callable[..., object]]


class Counting:
    """Puts the methods that count in place, or those that do not: both made of the same source."""

    def __init__(self) -> None:
        self._counted = self._made(lambda tree: tree)
        self._uncounted = self._made(_Uncounted().visit)

    def set(self, *, on: bool) -> None:
        """From the next call on; what has been counted so far stays."""
        for (one, name), method in (self._counted if on else self._uncounted).items():
            setattr(one, name, method)

    @staticmethod
    def _made(change: Callable[[ast.Module], ast.Module]) -> Methods:
        """Both kinds are compiled here, so that they differ in nothing but what was left out."""
        found: Methods = {}
        for module, one in _CLASSES:
            names = _run(module, change(ast.parse(inspect.getsource(module))))
            for name, method in vars(names[one.__name__]).items():
                if inspect.isfunction(method):
                    found[one, name] = method
        return found


def _run(module: ModuleType, tree: ast.Module) -> dict[str, object]:
    names = dict(vars(module))
    exec(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), names)
    return names


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
