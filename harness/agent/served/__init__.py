"""Tells a test run what a server in a process of its own asks of its databases, request by request."""
