"""The audit of the naive workflow of labs/churn.

Each row of labs/audit/audit.yml is one flaw of main.yml. Its check finds the flaw there, finds
nothing in the hardened files, and finds it again in a hardened file of which one line has been
turned back to its naive form. It may import actions and what is below.
"""

from mlops_lab.audit.flaws import Mutation, Row, hardened, mutations, naive, rows, table
from mlops_lab.audit.project import Project
from mlops_lab.audit.tools import Finding, actionlint, findings, schema, zizmor

__all__ = [
    "Finding", "Mutation", "Project", "Row", "actionlint", "findings", "hardened", "mutations",
    "naive", "rows", "schema", "table", "zizmor",
]  # fmt: skip
