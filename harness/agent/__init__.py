"""Runs inside a release's own interpreter; uses the standard library and Django only (Python 3.10+, Django 4.2+)."""
