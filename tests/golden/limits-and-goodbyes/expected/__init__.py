# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The limits of a client and the goodbyes of a server."""
