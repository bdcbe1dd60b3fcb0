"""`lab test`: pytest with our plugins, which judge executions, select and spread tests.

It may import upkeep and what is below.
"""
