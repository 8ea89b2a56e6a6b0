"""Makes rows that the database accepts, with values at the boundaries of their columns."""
