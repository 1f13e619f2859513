"""Tests of the generated TypeScript package: compiled by tsc, run by Node."""
