"""Tests of values that are made up."""
