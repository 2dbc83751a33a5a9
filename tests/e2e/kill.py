#!/usr/bin/python3
"""
Promise 1, attacked: clients send all the time while the daemon or its Redis is
killed at random moments. Afterwards every acknowledged receipt finds its tip,
officers see each text exactly once, the journal replays to the same state, and V1 to V7 hold.

TIPLINE_KILLS (20) rounds, TIPLINE_SEED for the same moments again.
"""
import collections
import http.client
import os
import random
import signal
import threading
import time
import unittest

from tipline import PATIENCE, Daemon, alive, main, wait_for

KILLS = int(os.environ.get("TIPLINE_KILLS", "20"))
SEED = int(os.environ.get("TIPLINE_SEED", "7"))
CLIENTS = 6
PLACES = ["鄂尔多斯市东胜区", "北京市朝阳区", "上海市浦东新区", "广州市天河区", "某个地方"]


class Client(threading.Thread):
    """Sends tips one after the other; repeats one with its key until it is acknowledged, as a good client does."""

    def __init__(self, daemon, number, taken, stop):
        super().__init__()
        self.d, self.number, self.taken, self.stop = daemon, number, taken, stop
        self.unclear = 0

    def run(self):
        i = 0
        while not self.stop.is_set():
            text = f"{PLACES[i % len(PLACES)]}看到可疑的人，编号{self.number}之{i}"
            answer = self.until_acknowledged(text, f"client-{self.number}-{i}")
            if answer is None:
                return
            self.taken.append((text, answer["receipt"], answer["id"]))
            i += 1

    def until_acknowledged(self, text, key):
        while True:
            try:
                answer = self.d.send(text, key=key)
                if answer.status == 201:
                    return answer.json
            except (OSError, KeyError, ValueError, http.client.HTTPException):
                self.unclear += 1
            if self.stop.is_set() and self.stop.gave_up():
                return None
            time.sleep(0.02)


class Stop(threading.Event):
    """Set at the end; clients may still finish what is unclear, for a while."""

    def set(self):
        self.at = time.monotonic()
        super().set()

    def gave_up(self):
        return time.monotonic() > self.at + 60 * PATIENCE


class Kill(unittest.TestCase):
    def shoot_redis(self, d):
        """Kills it, and returns when it is gone."""
        shot = d.redis_pids()
        for pid in shot:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(alive(pid) for pid in shot), 30, "its Redis is dead")

    def kill_redis(self, d):
        """Kills it, and returns when another one is there: /readyz may not have noticed at once."""
        before = d.redis_pids()
        self.shoot_redis(d)
        wait_for(lambda: d.redis_pids() and not set(d.redis_pids()) & set(before), 30, "another Redis is there")

    def storm(self, kill):
        """Kills with kill(daemon, dice) in KILLS rounds while clients send; the daemon, what was taken."""
        d = Daemon("lease.default_s=3600")
        self.addCleanup(d.close)
        d.start()
        dice, taken, stop = random.Random(SEED), [], Stop()
        clients = [Client(d, n, taken, stop) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.02, 0.25))
                before = len(taken)
                kill(d, dice)
                wait_for(lambda b=before: len(taken) > b, 20, "tips are taken again")
        finally:
            stop.set()
            for client in clients:
                client.join()
        wait_for(lambda: d.redis_pids(), 30, "a Redis is there")
        d.wait_works()
        print(f"     {KILLS} kills, seed {SEED}: {len(taken)} tips acknowledged, "
              f"{sum(c.unclear for c in clients)} requests without an answer", flush=True)
        return d, taken

    def check(self, d, taken):
        lost = [(text, code) for text, code, tip in taken if d.receipt(code).status != 200]
        self.assertEqual(lost, [], "acknowledged and not found")
        self.assertEqual(len({code for _, code, _ in taken}), len(taken))
        tips = d.take_all(lease_s=3600)
        held = {t["id"]: t["text"] for t in tips}
        times = collections.Counter(t["text"] for t in tips)
        self.assertEqual({text: n for text, n in times.items() if n != 1}, {}, "seen more than once")
        self.assertEqual({tip: text for text, _, tip in taken if held.get(tip) != text}, {}, "not in a queue")
        unacknowledged = set(times) - {text for text, _, _ in taken}
        self.assertLessEqual(len(unacknowledged), CLIENTS, "at most one a client is unclear at the end")

    def replay(self, d):
        d.settle()
        done = d.tipctl("replay", "--state", d.state)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        d.verify()

    def test_daemon_killed(self):
        def kill(d, _):
            d.kill()
            d.start(ready=False)
        d, taken = self.storm(kill)
        self.check(d, taken)
        self.replay(d)

    def test_redis_killed(self):
        d, taken = self.storm(lambda d, _: self.shoot_redis(d))
        self.check(d, taken)
        self.replay(d)

    def test_either_or_both_killed(self):
        def kill(d, dice):
            what = dice.randrange(3)
            if what != 0:
                self.shoot_redis(d)
            if what != 1:
                d.kill()
                d.start(ready=False)
        d, taken = self.storm(kill)
        self.check(d, taken)
        self.replay(d)

    def test_redis_killed_at_work_of_officers(self):
        """Claims, notes and closings go on; a tip is closed once and none is lost from all places."""
        d = Daemon("claim.wait_max_s=5")
        self.addCleanup(d.close)
        d.start()
        dice, closed, stop = random.Random(SEED), [], threading.Event()
        sent = {}
        for i in range(60):
            tip = d.tip(f"{PLACES[i % len(PLACES)]}看到第{i}个可疑的人", key=f"work-{i}")
            sent[tip["id"]] = tip["receipt"]

        def work():
            while not stop.is_set():
                try:
                    answer = d.staff("POST", "/api/v1/queues/000000/claim", {"max": 1, "lease_s": 2, "wait_s": 1})
                    for tip in answer.json.get("tips", []):
                        d.act(tip["id"], "note", {"text": "看过"})
                        if d.act(tip["id"], "close", {"outcome": "unfounded", "note": "x"}).status == 200:
                            closed.append(tip["id"])
                except (OSError, ValueError, http.client.HTTPException):
                    pass
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        try:
            for _ in range(min(KILLS, 30) // 2):
                time.sleep(dice.uniform(0.05, 0.3))
                self.kill_redis(d)
                d.wait_works()
            wait_for(lambda: sum(q["waiting"] + q["held"] for q in d.queues().values()) == 0, 60, "all tips are closed")
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.assertEqual([t for t, n in collections.Counter(closed).items() if n > 1], [], "closed twice")
        states = {d.receipt(code).json["state"] for code in sent.values()}
        self.assertEqual(states, {"closed"})
        self.replay(d)


if __name__ == "__main__":
    main()
