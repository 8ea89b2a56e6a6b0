"""Imported by Locust's process only: users that send a plan, and a recorder with full resolution."""
