"""What clients refuse or advise without asking a server."""

from __future__ import annotations

import pytest

from generated.runtime.closing import may_reconnect
from generated.runtime.errors import DuplicateRequest
from generated.runtime.pending import Pending


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010, 4500, 4999])
def test_unlisted_codes_that_blame_the_client_say_stop(code: int) -> None:
    """Another connection would end the same way."""
    assert not may_reconnect(code)


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4499])
def test_all_other_unlisted_codes_say_reconnect(code: int) -> None:
    """A server that closes normally may be asked again."""
    assert may_reconnect(code)


async def test_an_id_that_waits_cannot_be_used_again() -> None:
    """The second request is refused at once; the first still gets its answer, and the id is free after that."""
    pending: Pending[str] = Pending()
    first = pending.add("a", "answer")
    with pytest.raises(DuplicateRequest, match="'a'"):
        pending.add("a", "answer")
    assert pending.resolve("a", "answer", "yes")
    assert await first == "yes"
    pending.add("a", "answer")
