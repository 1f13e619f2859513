"""A server on any document, before anybody wrote one: it answers and sends what the document describes.

The document's code is generated into a package that nobody keeps, and its handlers are filled in by what is here;
so what is decoded, validated, dispatched, answered and refused is what will be once somebody writes the real ones.
"""

from codegen.mock.scenario import Failure, Scenario, Sending
from codegen.mock.serving import Mock, serving

__all__ = ["Failure", "Mock", "Scenario", "Sending", "serving"]
