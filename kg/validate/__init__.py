"""SHACL validation of staged data, and the report that points at file, row and column."""

from kg.validate.leave_out import leave_out
from kg.validate.report import Report, Result
from kg.validate.reuse import Earlier, digests
from kg.validate.shacl import Shapes, validate

__all__ = ["Earlier", "Report", "Result", "Shapes", "digests", "leave_out", "validate"]
