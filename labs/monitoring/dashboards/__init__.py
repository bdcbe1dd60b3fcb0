"""Grafana's dashboards, as code: `python -m dashboards FOLDER` writes a JSON file for each."""
