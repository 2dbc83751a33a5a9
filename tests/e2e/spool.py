#!/usr/bin/python3
"""Redis away: tips are taken all the same, nothing is lost, and all of it reaches the queues once."""
import os
import signal
import time
import unittest

from tipline import Daemon, Redis, in_threads, main, wait_for

TEXT = "鄂尔多斯市东胜区看到第{}个可疑的人"
FROZEN_MS = 4000   # how long a frozen store is waited for


class Outage(unittest.TestCase):
    def setUp(self):
        self.redis = Redis().start()
        self.addCleanup(self.redis.remove)
        self.d = self.daemon()

    def daemon(self, *sets):
        d = Daemon(f"store.address={self.redis.address}", *sets).start()
        self.addCleanup(d.close)
        return d

    def send(self, numbers):
        return {i: self.d.tip(TEXT.format(i), key=f"key-{i}") for i in numbers}

    def down(self):
        wait_for(lambda: self.d.ready().status == 503, 10, "/readyz says that the store is away")

    def back(self):
        self.d.wait_works()

    def whole(self, tips):
        """Each tip is in a queue once, and each receipt finds its own."""
        for i, tip in tips.items():
            self.assertEqual(self.d.receipt(tip["receipt"]).json["id"], tip["id"])
        taken = self.d.take_all()
        self.assertEqual(sorted(t["text"] for t in taken), sorted(TEXT.format(i) for i in tips))
        self.assertEqual({t["id"] for t in taken}, {t["id"] for t in tips.values()})
        self.d.settle()
        self.d.verify()

    def test_killed_redis(self):
        tips = self.send(range(5))
        self.redis.kill()
        self.down()
        ready = self.d.ready().json
        self.assertTrue(any(f.startswith("store:") for f in ready["faults"]), ready)
        tips.update(self.send(range(5, 25)))
        self.assertEqual(self.d.ready().json["spool_depth"], 20)
        for i in (5, 24):
            status = self.d.receipt(tips[i]["receipt"])
            self.assertIn(status.status, (200, 503), "a tip in the spool is known, or told to be asked for later")
        for code, answer in (("store_unavailable", self.d.staff("GET", "/api/v1/queues")),
                             ("audit_unavailable", self.d.staff("POST", "/api/v1/queues/150602/claim", {})),
                             ("audit_unavailable", self.d.staff("GET", f"/api/v1/tips/{tips[0]['id']}")),
                             ("store_unavailable", self.d.act(tips[0]["id"], "note", {"text": "x"}))):
            self.assertEqual((answer.status, answer.code), (503, code))
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.assertEqual(self.d.get("/").status, 200, "the form is there")
        self.assertEqual(self.d.ask("ops", "GET", "/healthz").status, 200)
        self.redis.start()
        self.back()
        self.whole(tips)

    def test_same_key_during_and_after_the_outage(self):
        before = self.send(range(2))
        self.redis.kill()
        self.down()
        during = self.send(range(2, 4))
        self.assertEqual(self.d.tip(TEXT.format(2), key="key-2"), during[2], "answered out of the spool")
        self.assertEqual(self.d.send("别的内容", key="key-2").status, 422)
        known = self.d.tip(TEXT.format(0), key="key-0")
        self.assertEqual(known["receipt"], before[0]["receipt"], "the same code, although the first answer is out of reach")
        self.redis.start()
        self.back()
        self.assertEqual(self.d.tip(TEXT.format(3), key="key-3"), during[3])
        self.whole({**before, **during})

    def test_frozen_redis(self):
        self.d.stop()
        self.d = self.daemon(f"store.timeout_ms={FROZEN_MS}")
        tips = self.send(range(3))
        self.back()
        self.redis.signal(signal.SIGSTOP)
        # While it is frozen all of this is answered: what needs it after the store's time, what does not before.
        page = []

        def ask(i):
            if i < 6:
                return self.d.tip(TEXT.format(i + 3), key=f"key-{i + 3}")
            began = time.monotonic()
            self.assertEqual(self.d.get("/").status, 200)
            page.append(time.monotonic() - began)
            return None
        tips.update(zip(range(3, 9), in_threads(7, ask)))
        self.assertLess(page[0], FROZEN_MS / 1000, "other pages do not wait")
        self.down()
        self.redis.signal(signal.SIGCONT)
        self.back()
        self.whole(tips)

    def test_spool_survives_kill_and_restart(self):
        tips = self.send(range(2))
        self.redis.kill()
        self.down()
        tips.update(self.send(range(2, 12)))
        self.d.kill()
        self.d.start(ready=False)
        self.assertEqual(self.d.metrics()["tipline_spool_depth"], 10)
        tips.update(self.send(range(12, 15)))
        self.assertEqual(self.d.tip(TEXT.format(4), key="key-4"), tips[4], "the same answer after the restart")
        self.d.stop()
        self.d.start(ready=False)
        self.assertEqual(self.d.metrics()["tipline_spool_depth"], 13)
        self.redis.start()
        self.back()
        self.whole(tips)

    def test_starting_without_redis(self):
        self.redis.stop()
        self.d.stop()
        self.d.start(ready=False)
        tips = self.send(range(3))
        self.redis.start()
        self.back()
        self.whole(tips)

    def test_full_spool_refuses_and_tells_when(self):
        self.d.stop()
        self.d = self.daemon("spool.max_bytes=1 MiB")
        self.redis.kill()
        self.down()
        tips, refused = [], None
        for i in range(400):
            answer = self.d.send(TEXT.format(i) + "。" * 5000)
            if answer.status != 201:
                refused = answer
                break
            tips.append(answer.json)
        self.assertIsNotNone(refused, "a spool of 1 MiB is full after a while")
        self.assertEqual((refused.status, refused.code), (503, "busy"))
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        self.assertTrue(any(f.startswith("spool:") for f in self.d.ready().json["faults"]))
        self.assertGreater(len(tips), 20)
        self.assertEqual(self.d.form("/tips", {"text": TEXT + "。" * 5000, "lang": "en"}).status, 503)
        self.redis.start()
        self.back()
        self.assertEqual(len(self.d.take_all()), len(tips))
        self.assertEqual(self.d.send(TEXT).status, 201)

    def test_damaged_spool_is_told_and_the_rest_is_kept(self):
        self.redis.kill()
        self.down()
        tips = self.send(range(6))
        self.d.stop()
        spool = os.path.join(self.d.state, "spool")
        segment = max((os.path.join(spool, n) for n in os.listdir(spool)), key=os.path.getsize)
        with open(segment, "r+b") as f:
            f.seek(os.path.getsize(segment) // 2)
            byte = f.read(1)
            f.seek(-1, 1)
            f.write(bytes([byte[0] ^ 0xff]))
        self.d.start(ready=False)
        self.redis.start()
        self.back()
        self.assertEqual(self.d.metrics()["tipline_spool_damaged_total"], 1)
        self.assertTrue(self.d.ready().json["warnings"])
        self.assertTrue(any(n.endswith(".damaged") for n in os.listdir(spool)))
        self.assertEqual(len(self.d.take_all()), len(tips) - 1)

    def test_redis_with_weaker_settings_is_told(self):
        self.redis.cli("config", "set", "appendfsync", "everysec")
        wait_for(lambda: self.d.ready().status == 503, 10, "/readyz notices appendfsync everysec")
        self.assertTrue(any("appendfsync" in f for f in self.d.ready().json["faults"]), self.d.ready())
        self.redis.cli("config", "set", "appendfsync", "always")
        self.d.wait_ready()


if __name__ == "__main__":
    main()
