#!/usr/bin/python3
"""
The journals are sealed while tips come in, and a verifier that is not ours (tests/support/auditor, Go) holds the files of
each log against all its earlier checkpoints, also after kills of daemon and Redis.
"""
import os
import time
import unittest

import auditor
from tipline import Daemon, Redis, main, wait_for

PLACES = ["鄂尔多斯市", "北京市朝阳区", "上海市浦东新区", "广州市天河区"]
LAST = "local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1] return last and last[1] or '0-0'"
LOGS = 35   # of them: regions, nation, money, audit; at least


def setUpModule():
    auditor.build()


def tearDownModule():
    auditor.tearDownModule()


class Logs:
    """The files of a daemon's logs, and every checkpoint that was seen of them."""

    def __init__(self, daemon):
        self.dir = os.path.join(daemon.state, "log")
        self.seen = os.path.join(daemon.state, "..", "seen")

    def names(self):
        """Those that have a checkpoint."""
        return sorted(name for name in os.listdir(self.dir) if os.path.exists(os.path.join(self.dir, name, "checkpoint")))

    def checkpoint(self, log):
        with open(os.path.join(self.dir, log, "checkpoint"), encoding="utf-8") as f:
            return f.read()

    def size(self, log):
        return int(self.checkpoint(log).split("\n")[1])

    def keep(self):
        for log in self.names():
            note = self.checkpoint(log)
            os.makedirs(os.path.join(self.seen, log), exist_ok=True)
            with open(os.path.join(self.seen, log, note.split("\n")[1]), "w", encoding="utf-8") as f:
                f.write(note)

    def older(self, log):
        where = os.path.join(self.seen, log)
        return [os.path.join(where, name) for name in sorted(os.listdir(where))] if os.path.isdir(where) else []

    def tiles(self, log):
        """Every tile and bundle, by name."""
        found = {}
        top = os.path.join(self.dir, log, "tile")
        for where, _, names in os.walk(top):
            for name in names:
                path = os.path.join(where, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, top)] = f.read()
        return found


class Rig(unittest.TestCase):
    """A store of its own, daemons on it, and what has to hold."""

    def setUp(self):
        self.redis = Redis().start()
        self.addCleanup(self.redis.remove)
        self.sent = 0

    def daemon(self, *sets, **more):
        daemon = Daemon(f"store.address={self.redis.address}", "log.interval_s=1", "log.origin=tips.example/log", *sets, **more)
        self.addCleanup(daemon.close)
        return daemon

    def send(self, daemon, n):
        for _ in range(n):
            self.sent += 1
            daemon.tip(f"第{self.sent}次看到{PLACES[self.sent % len(PLACES)]}有人夜里倾倒化学废料")

    # --- what has to hold --------------------------------------------------------------

    def unsealed(self, daemon):
        metrics = daemon.metrics()
        return sum(metrics[f'tipline_log_unsealed_events{{log="{log}"}}'] for log in ("shards", "money", "audit"))

    def journal(self, shard):
        return int(self.redis.ask("EVAL", LAST, 1, f"{{{shard}}}:journal").split("-")[0])

    def covered(self, shard):
        """Number of the last event that a batch in the store covers."""
        last = self.redis.ask("XREVRANGE", f"{{{shard}}}:log", "+", "-", "COUNT", 1)
        return int(last[0][1][1].split(" ")[2]) if last else 0

    def all_sealed(self, *daemons):
        """Until the store's batches cover the journals, and the files and checkpoints of the daemons are as far."""
        def whole():
            for shard in ("15", "11", "31", "44", "00", "money", "audit"):
                if self.covered(shard) != self.journal(shard):
                    return False
            return all(self.unsealed(daemon) == 0 and self.published(daemon) for daemon in daemons)
        wait_for(whole, 60, lambda: f"all is sealed; {[(s, self.covered(s), self.journal(s)) for s in ('15', '11', '31', '44')]}")

    def published(self, daemon):
        logs = Logs(daemon)
        for log in logs.names():
            last = self.redis.ask("XREVRANGE", f"{{{log}}}:log", "+", "-", "COUNT", 1)
            if not last or logs.size(log) != int(last[0][1][1].split(" ")[1]):
                return False
        return True

    def audited(self, daemon):
        """
        Leaves of all logs, each of which the second verifier found whole. It reads the
        directory, where a partial tile is gone as soon as there is a wider one, and so
        before the checkpoint that this belongs to.
        """
        logs, leaves = Logs(daemon), 0

        def verdict(log):
            status, said = auditor.audit("log", os.path.join(logs.dir, log), *logs.older(log))
            return None if "are missing" in said else (status, said)
        for log in logs.names():
            status, said = wait_for(lambda log=log: verdict(log), 60, f"log {log} is there whole")
            self.assertEqual((status, said[:6]), (0, "whole:"), f"{log}: {said}")
            leaves += int(said.split()[1])
        return leaves


class Sealed(Rig):
    def test_tips_are_sealed(self):
        daemon = self.daemon().start()
        self.assertGreaterEqual(len(os.listdir(os.path.join(daemon.state, "log"))), LOGS)
        self.send(daemon, 12)
        self.all_sealed(daemon)
        logs = Logs(daemon)
        for shard in ("15", "11", "31", "44"):
            self.assertIn(shard, logs.names())
            self.assertTrue(logs.checkpoint(shard).startswith(f"tips.example/log/{shard}\n"))
            self.assertEqual(logs.size(shard) % 8, 0)
        logs.keep()
        self.send(daemon, 200)
        self.all_sealed(daemon)
        self.assertGreaterEqual(self.audited(daemon), 212)
        self.assertEqual(daemon.metrics()["tipline_log_refusing"], 0)
        self.assertFalse([w for w in daemon.ready().json["warnings"] if w.startswith("log")])
        # Who ends in good order leaves nothing half: the next one seals at once.
        logs.keep()
        self.send(daemon, 5)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.all_sealed(daemon)
        self.audited(daemon)

    def test_kills(self):
        """Daemon and Redis are killed wherever they are; what was published stays true."""
        daemon = self.daemon().start()
        for turn in range(4):
            self.send(daemon, 20)
            # So far into an interval of one second.
            time.sleep(0.23 * turn)
            Logs(daemon).keep()
            daemon.kill()
            if turn % 2 == 1:
                self.redis.kill()
                self.redis.start()
            daemon.restart()
        self.send(daemon, 3)
        self.all_sealed(daemon)
        self.assertGreaterEqual(self.audited(daemon), self.sent)
        self.assertEqual(daemon.metrics()["tipline_log_refusing"], 0)
        self.assertNotIn('"event":"log.differs"', daemon.all_logs().decode())


if __name__ == "__main__":
    main()
