"""Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the process, that answered.

For any WSGI application: `application = farmprobe_identity(application)` as the last line of wsgi.py. With FARMPROBE_KEY in
the environment only requests with that value in the header X-Farmprobe-Key get the headers.
"""
import hmac
import os
import socket
import time


def farmprobe_identity(application, key=os.environ.get("FARMPROBE_KEY", "")):
    node = socket.gethostname()
    workers = {}

    def started():
        return workers.setdefault(os.getpid(), "%d-%d" % (os.getpid(), time.time() * 1000))

    # A server may load the application and then fork: each process gets its own name when it starts.
    started()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=started)

    def identified(environ, start_response):
        if key and not hmac.compare_digest(key, environ.get("HTTP_X_FARMPROBE_KEY", "")):
            return application(environ, start_response)

        def start(status, headers, *exc_info):
            return start_response(status, [*headers, ("X-Node", node), ("X-Worker", started())], *exc_info)

        return application(environ, start)

    return identified
