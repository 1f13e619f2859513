# Generated from asyncapi.yaml. Do not edit; run "nox -s generate".
"""2 odd: names."""
