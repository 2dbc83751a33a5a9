"""
What the measurements share: a daemon, the floor, texts, load, and the table
that is printed at the end.
"""
import json
import os
import random
import re
import socket
import subprocess
import sys

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
