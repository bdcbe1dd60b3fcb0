"""The book: pages made from the bank, the notebooks and the last run, then Jupyter Book."""
