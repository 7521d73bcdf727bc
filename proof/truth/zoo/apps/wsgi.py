"""The zoo's application for WSGI servers. It logs its own life cycle and every request as JSON lines; see README.md."""
import atexit
import json
import os
import random
import time

NODE = os.environ["ZOO_NODE"]
COLD_MS = float(os.environ["ZOO_COLD_MS"])
SLOW_MS = float(os.environ["ZOO_SLOW_MS"])
PID = os.getpid()
LOG_FILE = os.open(os.environ["ZOO_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)


def now_ms():
    return time.time() * 1000


def process_start_ms():
    """When the kernel started this process, to ten milliseconds."""
    with open("/proc/self/stat") as stat:
        ticks = int(stat.read().rpartition(")")[2].split()[19])
    ago = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return now_ms() - ago * 1000


def log(what, **more):
    line = {"what": what, "atMs": round(now_ms(), 1), "pid": PID, "worker": WORKER, **more}
    os.write(LOG_FILE, (json.dumps(line) + "\n").encode())


BORN_MS = process_start_ms()
WORKER = "%d-%d" % (PID, BORN_MS)
log("born", bornMs=round(BORN_MS, 1))
atexit.register(lambda: log("end"))
# Stands for what applications do when they start: compile, fill caches, open connections.
time.sleep(COLD_MS / 1000)
log("ready")


def application(environ, start_response):
    came_ms = now_ms()
    path = environ["PATH_INFO"]
    usual_ms = SLOW_MS if path.startswith("/report") else 6
    time.sleep(usual_ms * random.uniform(0.7, 1.3) / 1000)
    headers = [("Content-Type", "text/html"), ("X-Worker", WORKER), ("X-Node", NODE)]
    start_response("200 OK", headers)
    identifier = environ.get("HTTP_X_FARMPROBE_ID", "")
    log("request", cameMs=round(came_ms, 1), id=identifier, path=path, status=200)
    return [b"<html><body><h1>Welcome</h1></body></html>\n"]
