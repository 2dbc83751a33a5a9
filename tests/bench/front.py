#!/usr/bin/python3
"""
Slow clients of five kinds, a good client beside them, and what the daemon weighs meanwhile:

  tests/bench/front.py [CLIENTS [SECONDS]]      2000 clients of each kind, 10 s

Then TLS alone: waits on a kept connection, handshakes a second (with wrk, when it is there).
"""
import os
import re
import resource
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
from tipline import Daemon, new_dir  # noqa: E402
import front_rig  # noqa: E402
import slow_clients  # noqa: E402


def crowds(daemon, tls, n, seconds):
    address = daemon.ports["public"]
    line = "{:<6}{:<16}{:>8}{:>10.1f}{:>10.1f}{:>10.1f}{:>8}{:>10.0f}"
    for kind in ("none", *slow_clients.KINDS):
        good = slow_clients.Good(address, tls)
        if kind == "none":
            good.run(seconds)
            held, rss = 0, slow_clients.rss_mib(daemon.pid())
        else:
            with slow_clients.Crowd(kind, address, n, tls) as crowd:
                good.run(seconds)
                held, rss = crowd.held.value, slow_clients.rss_mib(daemon.pid())
        print(line.format("TLS" if tls else "TCP", kind, held, good.percentile(50), good.percentile(99), max(good.waits),
                          len(good.faults), rss), flush=True)


def wrk(address, fresh):
    """wrk's 99th percentile in ms and its rate, on kept connections or on a new one for each request."""
    more = ["-H", "Connection: close"] if fresh else []
    done = subprocess.run(["wrk", "-t1", "-c8", "-d5s", "--latency", *more, f"https://{address}/style.css"], capture_output=True,
                          text=True, timeout=60, check=True).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", done)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done)
    return float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]], float(rate[1])


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, n + 200)), hard))
    home = new_dir("tipline-b-")
    try:
        paths = front_rig.certificate(home)
        print(f"{n} slow clients; waits of a good one in ms, its faults, the daemon's MiB")
        print(f"{'':<6}{'kind':<16}{'held':>8}{'median':>10}{'p99':>10}{'longest':>10}{'faults':>8}{'RSS':>10}")
        with Daemon(limits=True) as daemon:
            crowds(daemon, False, n, seconds)
        with Daemon(*front_rig.tls_sets(paths), limits=True) as daemon:
            crowds(daemon, True, n, seconds)
            if shutil.which("wrk"):
                print("TLS, kept connections: p99 %.1f ms, %.0f requests/s" % wrk(daemon.ports["public"], False))
                print("TLS, a connection each: p99 %.1f ms, %.0f handshakes/s" % wrk(daemon.ports["public"], True))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
