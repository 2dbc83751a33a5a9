#!/usr/bin/python3
"""
The numbers of docs/PERFORMANCE.md, as ratios in one run on one machine.

    tests/bench/run.py [pure|index|load|queues|sms|links|out|kannel] [--long] [--seconds S] [--rounds N]

The floor is a bare evhttp server that does one XADD a request against a Redis
with the same settings (tests/bench/floor.c). Both are measured in turns, and
the medians are compared. --long takes a queue of a million tips and an
index of ten million texts as well.
"""
import argparse
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import time

from rig import BENCH, PLACES, ROOT, Floor, Table, Tipline, cpu_s, new_dir, pace, rss_bytes, texts, wait_for, write_bodies, wrk
from sms_part import sms

SMS_PARTS = ["links", "out", "kannel"]


def load_and_latency(a, table, work):
    floor, tip = Floor(), Tipline()
    bodies = write_bodies(os.path.join(work, "bodies"))
    rates, cpu, n = {floor.name: [], tip.name: []}, [0.0, 0.0], 0
    memory = None
    for round_ in range(a.rounds + 1):
        for server in (floor, tip):
            before = [cpu_s(p) for p in server.pids()]
            used = server.used_memory()
            rate, taken = wrk(server, bodies, 1 if round_ == 0 else a.seconds)
            if round_ == 0:
                continue
            rates[server.name].append(rate)
            if server is tip:
                cpu = [c + cpu_s(p) - b for c, p, b in zip(cpu, server.pids(), before)]
                n += taken
                memory = (server.used_memory() - used) / taken
    base, own = statistics.median(rates[floor.name]), statistics.median(rates[tip.name])
    ratio = statistics.median(t / f for t, f in zip(rates[tip.name], rates[floor.name]))
    table.row("accepted tips/s, 64 connections", f"{own:.0f}", f"floor {base:.0f}", f"{ratio:.2f}", ">= 0.8", ratio >= 0.8)
    latency(a, table, bodies, (floor, base), (tip, own))
    table.row("CPU a tip, daemon", f"{cpu[0] / n * 1e6:.1f} us")
    table.row("CPU a tip, Redis", f"{cpu[1] / n * 1e6:.1f} us")
    table.row("Redis memory a tip", f"{memory:.0f} B", "", "", "<= 1229 B", memory <= 1229)
    floor.close()
    tip.close()
    idle(a, table, bodies)


def latency(a, table, bodies, floor, tip):
    found = {"floor": [], "tiplined": [], "same": []}
    for _ in range(a.rounds):
        found["floor"].append(pace(floor[0], bodies, floor[1] / 2, a.seconds))
        found["tiplined"].append(pace(tip[0], bodies, tip[1] / 2, a.seconds))
    p50 = {k: statistics.median(r["p50_ms"] for r in v) for k, v in found.items() if v}
    p99 = {k: statistics.median(r["p99_ms"] for r in v) for k, v in found.items() if v}
    table.row("p50 at half load", f"{p50['tiplined']:.2f} ms", f"floor {p50['floor']:.2f} ms", f"{p50['tiplined'] / p50['floor']:.2f}")
    ratio = p99["tiplined"] / p99["floor"]
    table.row("p99 at half load", f"{p99['tiplined']:.2f} ms", f"floor {p99['floor']:.2f} ms", f"{ratio:.2f}", "<= 2", ratio <= 2)


def idle(a, table, bodies):
    """Connections that say nothing: what they cost, and what they slow down."""
    tip = Tipline()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10000, soft - 500)
    sizes, held = [rss_bytes(tip.d.pid())], []
    for _ in range(2):
        held += hold(tip, count // 2, len(held))
        sizes.append(rss_bytes(tip.d.pid()))
    # The first ones live in memory that the start has left behind.
    each = max(sizes[1] - sizes[0], sizes[2] - sizes[1]) / (count // 2)
    alone, beside = [], []
    wrk(tip, bodies, 1)
    for _ in range(a.rounds):
        beside.append(wrk(tip, bodies, a.seconds)[0])
        for s in held:
            s.close()
        wait_for(lambda: tip.d.metrics()['tipline_http_connections{listener="public"}'] < 100, 20, "they are closed")
        alone.append(wrk(tip, bodies, a.seconds)[0])
        held = hold(tip, count)
    for s in held:
        s.close()
    tip.close()
    ratio = statistics.median(b / a for a, b in zip(alone, beside))
    table.row(f"tips/s beside {count} idle connections", f"{statistics.median(beside):.0f}", f"alone {statistics.median(alone):.0f}",
              f"{ratio:.2f}", ">= 0.9", ratio >= 0.9)
    table.row("memory an idle connection", f"{each / 1024:.2f} KiB", "", "", "<= 16 KiB", each <= 16384)


def hold(tip, count, already=0):
    held = []
    for i in range(count):
        # From several addresses, since one has only so many ports.
        s = socket.socket()
        s.bind((f"127.0.0.{2 + (i + already) // 5000}", 0))
        s.connect(("127.0.0.1", tip.port))
        held.append(s)
    wait_for(lambda: tip.d.metrics()['tipline_http_connections{listener="public"}'] >= count + already, 20, "all are accepted")
    return held


def claim_ms(tip, times=7):
    took = []
    for _ in range(times):
        began = time.perf_counter()
        tips = tip.d.claim("150602", max=100)
        took.append((time.perf_counter() - began) * 1000)
        if len(tips) != 100:
            raise SystemExit(f"claim of 100 gave {len(tips)}")
    return statistics.median(took)


def fill(tip, bodies, total):
    have = tip.d.metrics()["tipline_commit_stored_total"]
    while have < total:
        wrk(tip, bodies, 1 if total - have < 20000 else 4)
        have = tip.d.metrics()["tipline_commit_stored_total"]
    return have


def queues(a, table, work):
    tip = Tipline()
    for i, text in enumerate(texts(1000, PLACES[0], seed=2)):
        tip.d.tip(text, key=f"b-{i}")
    small = claim_ms(tip)
    bodies = write_bodies(os.path.join(work, "one-place"), PLACES[0])
    for total in (100000, 1000000) if a.long else (100000,):
        have = fill(tip, bodies, total)
        large = claim_ms(tip)
        table.row(f"claim of 100 out of {have / 1000:.0f} k", f"{large:.1f} ms", f"out of 1 k {small:.1f} ms", f"{large / small:.2f}",
                  "<= 1.2", large / small <= 1.2)
    restart(table, tip, have)
    tip.close()


def restart(table, tip, have):
    """From the start of the program to /readyz; Redis loads its file meanwhile, and says when it is done."""
    if tip.d.stop() != 0:
        raise SystemExit("tiplined did not end well")
    tip.d.sets.append("log.level=info")
    began = time.monotonic()
    tip.d.start()
    whole = time.monotonic() - began
    load = [float(s) for s in re.findall(r"DB loaded from [a-z ]+(?:file)?[^:\"]*: ([\d.]+) seconds", tip.d.log())]
    redis = max(load, default=0.0)
    table.row(f"restart with {have / 1000:.0f} k tips, accepting again", f"{whole:.2f} s", f"Redis loads {redis:.2f} s", "",
              "<= 2 s after Redis", whole - redis <= 2)


def pure(table):
    """CPU of the pure pipeline; its parts are measured by their own programs."""
    parts = {}
    for program in ("judge_bench", "seal_bench"):
        path = os.path.join(BENCH, program)
        if os.path.exists(path):
            done = subprocess.run([path], capture_output=True, text=True, check=True, cwd=ROOT)
            parts.update({name.strip(): float(us) for name, us in re.findall(r"^(\S.*?)\s+([\d.]+) us", done.stdout, re.M)})
    wanted = ["judge_tip", "receipt make, trace, box key", "seal_tip, 100 Chinese characters", "seal_commitment", "cover_seal, the week's cover",
              "receipt_hidden_in, 100 Chinese characters"]
    if not all(name in parts for name in wanted):
        return
    for name in wanted:
        table.row(f"  {name}", f"{parts[name]:.2f} us")
    total = sum(parts[name] for name in wanted)
    table.row("pure pipeline a tip", f"{total:.1f} us", "", "", "<= 25 us", total <= 25)


def index(a, table):
    """The near-duplicate index: what a check and an insertion cost, and whether that grows with the texts held."""
    done = subprocess.run([os.path.join(BENCH, "link_bench"), *(["--long"] if a.long else [])], capture_output=True, text=True, check=True,
                          cwd=ROOT)
    rows = re.findall(r"^check and insert, (\d+) texts ([\d.]+) us, median ([\d.]+) us, p99 ([\d.]+) us, .*?(\d+) bytes a text$",
                      done.stdout, re.M)
    first = None
    for texts_held, mean, median, p99, size in rows:
        first = first or float(median)
        table.row(f"check and insert beside {int(texts_held) // 1000} k texts", f"{float(mean):.1f} us, p99 {float(p99):.1f} us",
                  f"beside 10 k {first:.1f} us", f"{float(median) / first:.2f}", "<= 33 us, p99 <= 500 us",
                  float(mean) <= 33 and float(p99) <= 500)
        table.row("  memory a text", f"{size} B", "", "", "<= 160 B", int(size) <= 160)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("only", nargs="?", choices=["pure", "index", "load", "queues", "sms", *SMS_PARTS],
                   help="that part alone; links, out and kannel are parts of sms")
    p.add_argument("--long", action="store_true")
    p.add_argument("--seconds", type=int, default=4, help="of one measurement")
    p.add_argument("--rounds", type=int, default=3)
    a = p.parse_args()
    table, work, began, load = Table(), new_dir("tipline-b-"), time.monotonic(), os.getloadavg()[1]
    if a.only in (None, "pure"):
        pure(table)
    if a.only in (None, "index"):
        index(a, table)
    if a.only in (None, "load"):
        load_and_latency(a, table, work)
    if a.only in (None, "queues"):
        queues(a, table, work)
    if a.only in (None, "sms", *SMS_PARTS):
        sms(a, table, work, [a.only] if a.only in SMS_PARTS else SMS_PARTS)
    shutil.rmtree(work)
    table.show()
    print(f"\n{os.cpu_count()} cores, {a.rounds} rounds of {a.seconds} s, {time.monotonic() - began:.0f} s in all; "
          f"processes that ran or waited to, over five minutes: {load:.1f} before, {os.getloadavg()[1]:.1f} after")


main()
