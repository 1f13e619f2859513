"""Turns an AsyncAPI 2.x document into models, server stubs, clients and a reference."""
