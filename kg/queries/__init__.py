"""The catalogue of saved queries: found by file name, parameters bound as terms, rows as a Table.

A saved query is a file ``queries/<subject>/<name>.rq``: plain SPARQL 1.1 that runs as it stands,
under a grlc ``#+`` header in YAML. Finding a query reads no other file than its own, so that one
question does not pay for the whole catalogue.
"""

from kg.queries.header import VIEWS, Catalogue, Param, SavedQuery, View, catalogue, read_query
from kg.queries.run import query_form, run, run_text
from kg.queries.table import Cell, Column, Table, Text, plain
from kg.queries.terms import allowed_terms, labels_of, resolve, resolve_triple, term_of

__all__ = [
    "VIEWS",
    "Catalogue",
    "Cell",
    "Column",
    "Param",
    "SavedQuery",
    "Table",
    "Text",
    "View",
    "allowed_terms",
    "catalogue",
    "labels_of",
    "plain",
    "query_form",
    "read_query",
    "resolve",
    "resolve_triple",
    "run",
    "run_text",
    "term_of",
]
