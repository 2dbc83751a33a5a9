#!/usr/bin/python3
"""
What the desk asks for of a queue of many tips, over a kept connection, the audit trail's write and all:

  tests/bench/desk.py [TIPS [RUNS]]      10000 tips, 20 runs

Prints for each order, region and length of page the median and the longest of the first page, of each later one
until the end, and of a search by the beginning of an id; and of one wait for changes when nothing changed.
"""
import http.client
import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e")]
from tipline import Daemon, in_threads  # noqa: E402

SENDERS = 16
THINGS = ("要钱", "要饭", "打人", "贩卖儿童", "吵闹", "抢包", "跟踪小孩", "卖假药")


class Desk:
    def __init__(self, daemon):
        host, port = daemon.ports["staff"].rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self.headers = {"Authorization": f"Bearer {daemon.token('officer')}"}

    def get(self, path):
        """Milliseconds, and the answer."""
        begun = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]}")
        return took, json.loads(body), len(body)


def fill(daemon, n):
    def send(sender):
        for i in range(sender, n, SENDERS):
            daemon.tip(f"东胜区{i * 7919 % 10007}号楼前有人{THINGS[i % len(THINGS)]}，编号{i:05d}")
    in_threads(SENDERS, send)


def line(what, times, more=""):
    print(f"{what:<52}{statistics.median(times):>8.1f}{max(times):>8.1f}  {more}", flush=True)


def walk(desk, path, first, later):
    took, page, size = desk.get(path)
    first.append(took)
    n = len(page["tips"])
    while page["next"]:
        took, page, _ = desk.get(f"{path}&after={page['next']}")
        later.append(took)
        n += len(page["tips"])
    return n, size


def pages(desk, runs, region, order, most):
    first, later = [], []
    path = f"/api/v1/queues/{region}/tips?order={order}&max={most}"
    for run in range(runs):
        if run == 0:
            n, size = walk(desk, path, first, later)
        else:
            first.append(desk.get(path)[0])
    for _ in range(2):
        walk(desk, path, [], later)
    line(f"{region} by {order}, {most} a page: first", first, f"{n} tips, {size // 1024} KiB")
    line(f"{region} by {order}, {most} a page: each later", later, f"{len(later)} pages")


def main():
    n, runs = [int(v) for v in (*sys.argv[1:], *("10000", "20")[len(sys.argv) - 1:])]
    with Daemon() as daemon:
        fill(daemon, n)
        daemon.claim("150602", max=500)
        desk = Desk(daemon)
        print(f"{'':<52}{'median':>8}{'longest':>8}  ms, {runs} runs")
        for region in ("150602", "000000"):
            for order in ("score", "age"):
                for most in (100, 500):
                    pages(desk, runs, region, order, most)
        some = desk.get("/api/v1/queues/150602/tips?order=age&max=1")[1]["tips"][0]["id"]
        line("search of a whole id", [desk.get(f"/api/v1/queues/000000/tips?id={some}")[0] for _ in range(runs)])
        line("search of four letters of an id", [desk.get(f"/api/v1/queues/000000/tips?id={some[:7]}")[0] for _ in range(runs)])
        line("those held (500)", [desk.get("/api/v1/queues/000000/tips?state=held")[0] for _ in range(runs)])


if __name__ == "__main__":
    main()
