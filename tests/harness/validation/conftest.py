from tests.harness.integrity.conftest import each_server, postgresql, sqlite

__all__ = ["each_server", "postgresql", "sqlite"]
