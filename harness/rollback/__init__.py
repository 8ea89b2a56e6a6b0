"""Coming back for real; the drill of a way back is the probe of that name."""
