"""Requests to what runs on this machine: not through a proxy, whatever the environment says."""

import urllib.request

# An opener of our own: urllib's keeps the proxies of a process's first request for all others.
ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
