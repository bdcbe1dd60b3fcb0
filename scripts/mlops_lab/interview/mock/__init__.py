"""`lab mock`: a timed interview, from the plan to the report."""
