# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What balloons measure, kept for those who come back."""
