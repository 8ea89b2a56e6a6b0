"""Access patterns, bad and good, on models with relations of every kind."""
