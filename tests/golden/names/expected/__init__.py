# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""2 odd: names."""
