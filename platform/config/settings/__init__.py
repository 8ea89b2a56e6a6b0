"""Settings: `local` for development, `test` for pytest, `production` for everything served."""
