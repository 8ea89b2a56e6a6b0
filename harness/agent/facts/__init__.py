"""Observes migrations while Django applies them: what each operation locks, rewrites, scans, writes and blocks."""
