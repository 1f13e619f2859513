"""Which of Redis's refusals and faults pass by themselves, or once somebody looks after the server."""

from __future__ import annotations

try:
    from redis import exceptions
except ImportError as error:
    raise ImportError('publishing over the broker needs the package "redis": pip install redis') from error

_PASSING = (
    exceptions.NoScriptError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
)
_PASSING_WORDS = ("BUSY ", "MISCONF ", "NOREPLICAS ", "UNBLOCKED ")


def may_pass(refusal: Exception) -> bool:
    """Whether what Redis refuses now it may take later; for ever it refuses a wrong password, say."""
    return isinstance(refusal, _PASSING) or is_memory(refusal) or str(refusal).startswith(_PASSING_WORDS)


def is_memory(refusal: Exception) -> bool:
    """Whether Redis is out of memory; 6.2 says it within an error of the script, later ones by a code of its own."""
    return isinstance(refusal, exceptions.OutOfMemoryError) or "'maxmemory'" in str(refusal)


def is_fault(error: Exception) -> bool:
    """Whether an error of a connection may pass when another is opened; others are for the caller to see."""
    if isinstance(error, exceptions.AuthenticationError | exceptions.AuthorizationError):
        return False
    return isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError | OSError) or may_pass(
        error
    )
