#!/usr/bin/python3
"""
How long it takes from the answer to a tip until a published checkpoint covers it, with the real daemon:

  tests/bench/sealed_delay.py [TIPS [INTERVAL_S]]      60 tips at moments drawn evenly, interval 2

A checkpoint covers a tip when the file has as many leaves as the first batch behind the tip's event.
"""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from tipline import Daemon, wait_for  # noqa: E402


def size_published(daemon):
    try:
        with open(os.path.join(daemon.state, "log/15/checkpoint"), encoding="utf-8") as f:
            return int(f.read().split("\n")[1])
    except FileNotFoundError:
        return 0


def watch(daemon, seen, over):
    while not over.is_set():
        size = size_published(daemon)
        if not seen or seen[-1][0] < size:
            seen.append((size, time.monotonic()))
        time.sleep(0.005)


def main():
    tips = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    interval = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    accepted, seen, over = [], [], threading.Event()
    with Daemon(f"log.interval_s={interval}") as daemon:
        watcher = threading.Thread(target=watch, args=(daemon, seen, over))
        watcher.start()
        for n in range(tips):
            time.sleep(random.uniform(0, 1.0))
            daemon.tip(f"第{n}次看到鄂尔多斯市有人夜里倾倒化学废料")
            accepted.append((time.monotonic(), int(daemon.redis_ask("EVAL", "return redis.call('XREVRANGE', KEYS[1], '+', '-', "
                             "'COUNT', 1)[1][1]", 1, "{15}:journal").split("-")[0])))
        def batches():
            return [(int(b[1].split()[1]), int(b[1].split()[2])) for _, b in daemon.redis_ask("XRANGE", "{15}:log", "-", "+")]
        wait_for(lambda: batches() and batches()[-1][1] >= accepted[-1][1] and size_published(daemon) >= batches()[-1][0], 60, "all sealed")
        time.sleep(0.05)
        over.set()
        watcher.join()
        delays = []
        for moment, event in accepted:
            size = next(size for size, journal in batches() if journal >= event)
            delays.append(next(at for published, at in seen if published >= size) - moment)
    delays.sort()
    print(f"{tips} tips, interval {interval} s: median {delays[tips // 2]:.2f} s, p99 {delays[int(tips * 0.99)]:.2f} s, "
          f"longest {delays[-1]:.2f} s")


if __name__ == "__main__":
    main()
