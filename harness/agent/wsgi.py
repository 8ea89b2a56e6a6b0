"""The WSGI application of a release on the harness's database, for Gunicorn and for Django's own server."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from harness.agent import startup
from harness.agent.protocol import complain, trace


def _end_with_the_harness() -> None:
    """Stop the server when the harness is gone: it holds the other end of the standard input."""
    while os.read(0, 1024):
        pass
    os.kill(os.getppid() if "gunicorn" in sys.modules else os.getpid(), signal.SIGTERM)


def _start() -> Any:
    try:
        startup.start()
        from django.core.servers.basehttp import get_internal_wsgi_application

        return get_internal_wsgi_application()
    except Exception as error:
        complain(trace(error))
        said = str(error) if isinstance(error, startup.NotStarted) else startup.first_line(error)
        complain(startup.MARK + said)
        raise SystemExit(1) from error


application = _start()
threading.Thread(target=_end_with_the_harness, daemon=True).start()
