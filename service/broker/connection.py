"""Connections to a Redis, made in one way for all who need one."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from generated.runtime.redis_address import driver_url


def redis_at(address: str, *, timeout: float) -> Redis:
    """A client of its own for a broker's address; answers are bytes. `timeout` is in seconds.

    Nothing is connected until it is used. A command that fails is not tried again: what to do about that is for
    the caller to say. Raises redis.exceptions.RedisError, of which TimeoutError and ConnectionError say that the
    server is not there.
    """
    return Redis.from_pool(_pool(address, timeout))  # which closes the pool with the client


def connection_to(address: str, *, timeout: float) -> AbstractConnection:
    """One bare connection, which speaks the second version of the protocol; not connected yet."""
    pool = _pool(address, timeout)
    return pool.connection_class(**pool.connection_kwargs)


def _pool(address: str, timeout: float) -> ConnectionPool:
    return ConnectionPool.from_url(
        driver_url(address),
        protocol=2,
        decode_responses=False,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
