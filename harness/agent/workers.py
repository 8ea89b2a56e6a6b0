"""Gunicorn's configuration when it serves a release; an older Gunicorn ignores the settings that it does not know."""

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
