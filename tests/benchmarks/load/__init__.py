"""The load generator beside a plain Locust user and wrk."""
