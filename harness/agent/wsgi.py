"""The WSGI application of a release on the harness's database, for Gunicorn and for Django's own server."""

from __future__ import annotations

from typing import Any

from harness.agent import startup
from harness.agent.protocol import complain, trace


def _start() -> Any:
    try:
        startup.start()
        from django.core.servers.basehttp import get_internal_wsgi_application

        from harness.agent.meter import metered

        return metered(get_internal_wsgi_application())
    except Exception as error:
        complain(trace(error))
        said = str(error) if isinstance(error, startup.NotStarted) else startup.first_line(error)
        complain(startup.MARK + said)
        raise


application = _start()
