# Generated from asyncapi.yaml. Do not edit; run "nox -s generate".
"""Rooms."""
