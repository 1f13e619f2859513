"""Tests of the mock: over real sockets, with the generated clients."""
