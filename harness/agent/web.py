"""Serves a release by Django's threaded WSGI server, where there is no Gunicorn: ``python -m harness.agent.web FD``."""

from __future__ import annotations

import os
import socket
import sys

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from harness.agent.parent import follow_the_harness


class QuietHandler(WSGIRequestHandler):
    """Answers requests without writing an access log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write nothing."""


def main(descriptor: int) -> None:
    """Serve on a socket that the harness has bound already."""
    follow_the_harness(os.getpid())
    from harness.agent.wsgi import application

    listening = socket.socket(fileno=descriptor)
    server = ThreadedWSGIServer(listening.getsockname(), QuietHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_name, server.server_port = listening.getsockname()
    server.setup_environ()
    server.set_app(application)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
