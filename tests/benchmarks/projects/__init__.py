"""Settings of projects from the package index, for a bench of their migrations."""
