"""Changes of keywords that no value can break: defaults and the like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.forms import plain, text_of
from codegen.schemas.views import View
from codegen.schemas.wording import said, values

if TYPE_CHECKING:
    from codegen.schemas.comparing import Found, Pair

_FLAGS = {
    "deprecated": ("is now deprecated", "is no longer deprecated"),
    "readOnly": ("is now marked as read-only", "is no longer marked as read-only"),
    "writeOnly": ("is now marked as write-only", "is no longer marked as write-only"),
}


def compare(pair: Pair) -> Iterator[Found]:
    """Changes of the annotations at a pair."""
    (had, old), (has, new) = (_default(view) for view in (pair.old, pair.new))
    if has and not had:
        text = f"is now {said(new)} where it is left out"
        yield pair.change("default-added", "same", text, new=new, keywords=("default",))
    elif had and not has:
        text = f"has no default any more (was {said(old)})"
        yield pair.change("default-removed", "same", text, old=old, keywords=("default",))
    elif text_of(plain(old)) != text_of(plain(new)):
        text = f"is now {said(new)} where it is left out (was {said(old)})"
        yield pair.change("default-changed", "same", text, old=old, new=new, keywords=("default",))
    yield from _open_enum(pair)
    for keyword, (added, removed) in _FLAGS.items():
        before, after = (
            any(value is True for _, value in view.said(keyword)) for view in (pair.old, pair.new)
        )
        if before != after:
            yield pair.change(
                f"{keyword.lower()}-changed",
                "same",
                added if after else removed,
                old=before,
                new=after,
                keywords=(keyword,),
            )
    for keyword in ("contentEncoding", "contentMediaType"):
        values = [next((value for _, value in view.said(keyword)), None) for view in (pair.old, pair.new)]
        if values[0] != values[1]:
            text = f"has `{keyword}` {said(values[1])} now (was {said(values[0])})"
            yield pair.change(
                "content-changed", "same", text, old=values[0], new=values[1], keywords=(keyword,)
            )


def _open_enum(pair: Pair) -> Iterator[Found]:
    """Changes of the values that are known where others may come."""
    keyword = "x-open-enum"
    old, new = (next((value for _, value in view.said(keyword)), None) for view in (pair.old, pair.new))
    if not (isinstance(old, list) and isinstance(new, list)):
        return
    gained = [value for value in new if value not in old]
    lost = [value for value in old if value not in new]
    if gained:
        text = f"is now also known to be {values(gained)}"
        yield pair.change("open-enum-value-added", "same", text, old=old, new=new, keywords=(keyword,))
    if lost:
        text = f"is no longer known to be {values(lost)}"
        yield pair.change("open-enum-value-removed", "same", text, old=old, new=new, keywords=(keyword,))


def _default(view: View) -> tuple[bool, Json]:
    """Whether there is a default, and which."""
    for _, value in view.said("default"):
        return True, value
    return False, None
