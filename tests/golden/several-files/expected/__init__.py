# Generated from asyncapi.yaml. Do not edit; run "nox -s generate".
"""Several files."""
