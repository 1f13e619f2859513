# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Reserved words."""
