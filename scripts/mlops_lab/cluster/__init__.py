"""A Kubernetes cluster with the whole platform, from one of three providers: kind, host, eks."""
