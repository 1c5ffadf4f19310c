"""The schema's history, and the runner that applies it."""

from server.kit.migrations.runner import MigrationError, create, migrate, rollback_last

__all__ = ["MigrationError", "create", "migrate", "rollback_last"]
