"""Kubernetes as plain processes in namespaces of their own: a machine inside the machine."""
