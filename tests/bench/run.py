#!/usr/bin/python3
"""
The numbers of docs/PERFORMANCE.md, as ratios in one run on one machine.

    tests/bench/run.py [--long] [--seconds S] [--rounds N] [--only WORD]

The floor is a bare evhttp server that does one XADD a request against a Redis
with the same settings (tests/bench/floor.c). Both are measured in turns, and
the medians are compared. --long takes a queue of a million tips and an
index of ten million texts as well.
"""
import argparse
import json
import os
import random
import re
import resource
import socket
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from tipline import Daemon, Redis, free_port, new_dir, wait_for  # noqa: E402  pylint: disable=wrong-import-position

BENCH = os.path.join(ROOT, "build/tests/bench")
CONNECTIONS = 64
TICK = os.sysconf("SC_CLK_TCK")
PLACES = ["鄂尔多斯市东胜区", "北京市朝阳区", "上海市浦东新区", "广州市天河区", "成都市武侯区", "西安市雁塔区", "武汉市洪山区", "郑州市金水区",
          "沈阳市和平区", "昆明市官渡区", "石家庄市长安区", "贵阳市南明区", "长沙市岳麓区", "兰州市城关区", "合肥市蜀山区", "南宁市青秀区"]
SIGHTS = ["看到一个哭闹的小女孩被一名中年男子强行拉上面包车", "发现一名走失的老人坐在路边，说不清家在哪里", "有人带着三个孩子在地下通道乞讨",
          "一名年轻女子向店员递纸条求救，随后被两名男子带走", "一辆货车上传出小孩的哭声，司机神色慌张"]
MORE = ["男子四十岁左右，穿黑色外套，右手有纹身。", "当时大约下午三点，周围有不少人。", "车往高速路口方向开走了。", "旁边小卖部的老板也看到了。",
        "孩子五六岁，穿红色衣服。", "我拍了照片，可以提供。", "他们说外地口音，像是第一次来。", "请尽快派人去查看，我很担心。"]


def texts(n, place=None, seed=1):
    """Different texts of about 100 Chinese characters."""
    dice = random.Random(seed)
    out = []
    for i in range(n):
        plate = dice.choice("京沪蒙粤川陕鄂豫") + dice.choice("ABCDEFGHK") + f"{dice.randrange(100000):05d}"
        text = f"{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日在{place or dice.choice(PLACES)}第{i}号路口{dice.choice(SIGHTS)}，车牌{plate}。"
        for more in dice.sample(MORE, len(MORE)):
            if len(text) + len(more) > 104:
                break
            text += more
        out.append(text)
    return out


def write_bodies(path, place=None, n=20000, seed=1):
    with open(path, "w", encoding="utf-8") as f:
        for text in texts(n, place, seed):
            f.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    return path


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Floor:
    name, path = "floor", "/"

    def __init__(self):
        self.redis = Redis().start()
        self.port = free_port()
        self.process = subprocess.Popen([os.path.join(BENCH, "floor"), str(self.port), self.redis.socket])
        wait_for(self.answers, 10, "the floor listens")

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def pids(self):
        return self.process.pid, self.redis.process.pid

    def used_memory(self):
        return int(re.search(r"used_memory:(\d+)", self.redis.cli("info", "memory")).group(1))

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.redis.remove()


class Tipline:
    name, path = "tiplined", "/api/v1/tips"

    def __init__(self, *sets):
        self.d = Daemon("limits.connections=20000", "limits.idle_ms=600000", "limits.head_ms=600000", "lease.default_s=3600", *sets)
        self.d.start()

    port = property(lambda self: int(self.d.ports["public"].rsplit(":", 1)[1]))

    def pids(self):
        return self.d.pid(), self.d.redis_pids()[0]

    def used_memory(self):
        return int(re.search(r"used_memory:(\d+)", self.d.redis("info", "memory")).group(1))

    def close(self):
        self.d.close()


def wrk(server, bodies, seconds, connections=CONNECTIONS):
    """Accepted requests a second, and how many in all; every other answer is an error."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(ROOT, "tests/bench/post.lua"),
                           f"http://127.0.0.1:{server.port}{server.path}"], capture_output=True, text=True, check=True,
                          env={**os.environ, "BODIES": bodies})
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{server.name}: {done.stdout}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1)), int(re.search(r"(\d+) requests in", done.stdout).group(1))


def pace(server, bodies, rate, seconds):
    done = subprocess.run([os.path.join(BENCH, "pace"), str(server.port), server.path, f"{rate:.0f}", str(seconds), str(CONNECTIONS), bodies],
                          capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    if result["bad"] or result["answered"] != result["sent"]:
        raise SystemExit(f"{server.name}: {result}")
    return result


class Table:
    def __init__(self):
        self.rows = []

    def row(self, what, value, against="", ratio="", goal="", reached=None):
        self.rows.append((what, value, against, ratio, goal, "" if reached is None else "yes" if reached else "NO"))
        print(f"  {what}: {value} {against} {ratio}".rstrip(), file=sys.stderr, flush=True)

    def show(self):
        head = ("what", "measured", "against", "ratio", "goal", "reached")
        widths = [max(len(r[i]) for r in [head, *self.rows]) for i in range(6)]
        for row in (head, tuple("-" * w for w in widths), *self.rows):
            print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")


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
    wanted = ["judge_tip", "receipt make, trace, box key", "seal_tip, 100 Chinese characters", "seal_commitment",
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


def smpp(a, table):
    """Messages a second over one bind, into the daemon and into a sink that answers at once, in turns."""
    program = os.path.join(BENCH, "smpp_bench")

    def smsc(port, window):
        return subprocess.Popen([program, "smsc", str(port), str(window), str(a.seconds)], stdout=subprocess.PIPE, text=True)

    def result(process):
        return json.loads(process.communicate(timeout=a.seconds + 60)[0])
    for window in (10, 50):
        rates = {"tipline": [], "sink": []}
        for _ in range(a.rounds):
            port = free_port()
            running = smsc(port, window)
            with Daemon("sms.links.bench.host=127.0.0.1", f"sms.links.bench.port={port}", "sms.links.bench.account=tip") as d:
                told = result(running)
                if told["refused"] or d.metrics()['tipline_intake_total{verdict="accepted"}'] < told["taken"]:
                    raise SystemExit(f"smpp: {told}, {d.metrics()}")
                rates["tipline"].append(told["per_s"])
            port = free_port()
            running = smsc(port, window)
            wait_for(lambda p=port: subprocess.run([program, "sink", str(p)], check=False, stderr=subprocess.DEVNULL).returncode == 0, 60,
                     "the sink was connected")
            rates["sink"].append(result(running)["per_s"])
        mine, floor = statistics.median(rates["tipline"]), statistics.median(rates["sink"])
        table.row(f"SMPP messages/s, window {window}, durable", f"{mine:,.0f}", f"sink {floor:,.0f}", f"{mine / floor:.4f}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seconds", type=int, default=4)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only", choices=["pure", "index", "load", "queues", "smpp"])
    a = p.parse_args()
    table, work, began = Table(), new_dir("tipline-b-"), time.monotonic()
    if a.only in (None, "pure"):
        pure(table)
    if a.only in (None, "index"):
        index(a, table)
    if a.only in (None, "load"):
        load_and_latency(a, table, work)
    if a.only in (None, "queues"):
        queues(a, table, work)
    if a.only in (None, "smpp"):
        smpp(a, table)
    table.show()
    print(f"{os.cpu_count()} cores, {a.rounds} rounds of {a.seconds} s, {time.monotonic() - began:.0f} s in all")


main()
