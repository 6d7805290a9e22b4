"""How gunicorn serves the desk. One process with threads: the door's limits are kept in its memory."""

from rempart.desk.project.opening import open_settings

_config = open_settings(None).config

wsgi_app = "rempart.desk.project.wsgi:application"
bind = [_config.listen]
worker_class = "gthread"
workers = 1
threads = _config.threads
timeout = 60
graceful_timeout = 5
keepalive = 5
# No access log: it would hold addresses of visitors and paths.
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "rempart-web"
# The proxy, if there is one, says the scheme; nobody else is believed (Django's behind_proxy decides).
forwarded_allow_ips = "*" if _config.behind_proxy else "127.0.0.1"
limit_request_line = 4094
limit_request_fields = 60
control_socket_disable = True
