"""Gunicorn's configuration when it serves a release; an older Gunicorn ignores the settings that it does not know."""

from __future__ import annotations

import os
from typing import Any

from harness.agent.parent import follow_the_harness

workers = 1
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 2
keepalive = 75
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "harness-release"
control_socket_disable = True


def post_fork(arbiter: Any, worker: Any) -> None:  # noqa: ARG001 - Gunicorn's signature
    """Stop the whole server when the harness is gone."""
    follow_the_harness(arbiter.pid, is_there=lambda: os.getppid() == arbiter.pid)
