"""Trying contracts on running servers."""
