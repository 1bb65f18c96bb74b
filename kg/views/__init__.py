"""Pictures: one GraphView contract, drawn as an offline HTML page, as JSON and as GraphML.

Only the contract is imported here. The builders (``cascade``, ``table``, ``proof``) and what they
are drawn with (``page``, ``export``) load what they need when they are asked for.
"""

from kg.views.model import Frame, GraphView, ViewEdge, ViewNode

__all__ = ["Frame", "GraphView", "ViewEdge", "ViewNode"]
