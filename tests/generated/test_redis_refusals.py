"""Which answers of Redis are worth another try, as the client library reads them off the wire."""

from __future__ import annotations

import pytest
from redis._parsers.base import BaseParser
from redis.exceptions import AuthenticationError, ResponseError

from generated.runtime.redis_refusals import is_fault, is_memory, may_pass
from service.broker.writable import OUT_OF_MEMORY, passes

PASSING = [
    "NOSCRIPT No matching script.",
    "READONLY You can't write against a read only replica.",
    "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "BUSY Redis is busy running a script.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "NOREPLICAS Not enough good replicas to write.",
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
]
MEMORY = [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed when used memory > 'maxmemory'.",
]
FINAL = [
    "NOPERM this user has no permissions to run the 'evalsha' command",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "ERR unknown command 'EVALSHA'",
    "BUSYGROUP Consumer Group name already exists",
]


def read(line: str) -> Exception:
    """The error that the library raises for a line that begins with a minus."""
    error = BaseParser.parse_error(line)  # type: ignore[no-untyped-call]
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize("line", PASSING)
def test_what_passes(line: str) -> None:
    """Each is tried again, and a follower says that nothing is taken; but not that memory is the reason."""
    refusal = read(line)
    assert is_fault(refusal)
    assert not is_memory(refusal)
    if isinstance(refusal, ResponseError):
        assert may_pass(refusal)
        assert passes(refusal) not in (None, OUT_OF_MEMORY)


@pytest.mark.parametrize("line", MEMORY)
def test_no_memory(line: str) -> None:
    """The reason is known, from the server itself and from within a script."""
    refusal = read(line)
    assert may_pass(refusal)
    assert is_memory(refusal)
    assert isinstance(refusal, ResponseError)
    assert passes(refusal) == OUT_OF_MEMORY


@pytest.mark.parametrize("line", FINAL)
def test_what_does_not(line: str) -> None:
    """What Redis will never take is not tried again."""
    refusal = read(line)
    assert not may_pass(refusal)
    assert not is_fault(refusal)
    assert isinstance(refusal, ResponseError)
    assert passes(refusal) is None


def test_a_wrong_password_is_no_fault_that_passes() -> None:
    """However it arrives, it stays wrong."""
    assert not is_fault(AuthenticationError("WRONGPASS invalid username-password pair or user is disabled."))
