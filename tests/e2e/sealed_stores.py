#!/usr/bin/python3
"""
Sealed logs and their stores: several daemons on one have the same files; behind one that was put back nothing is signed.
"""
import os
import shutil

import sealed
from tipline import main, wait_for

setUpModule, tearDownModule = sealed.setUpModule, sealed.tearDownModule


class Stores(sealed.Rig):
    def test_two_daemons(self):
        """Each has files of its own, and they are the same; who follows has them without leading."""
        one = self.daemon().start()
        keys = f"keys.dir={one.state}/keys"
        two = self.daemon(keys, "keys.create=false").start()
        self.send(one, 20)
        self.send(two, 20)
        self.all_sealed(one, two)
        sealed.Logs(one).keep()
        one.kill()
        self.send(two, 15)
        self.all_sealed(two)
        follower = self.daemon(keys, "keys.create=false", "roles=intake,desk").start()
        self.send(two, 10)
        self.all_sealed(two, follower)
        self.assertEqual(follower.metrics()['tipline_log_batches_total{end="sealed"}'], 0)
        # An interval in which hardly any log has its turn: all of them come to rest at the same place.
        for daemon in (two, follower):
            self.assertEqual(daemon.stop(), 0)
        for daemon in (one, two, follower):
            daemon.sets.append("log.interval_s=60")
            daemon.start()
        wait_for(lambda: self.files_of(one) == self.files_of(two) == self.files_of(follower), 30,
                 "the files of three daemons are the same")
        self.audited(one)
        self.assertEqual(sealed.Logs(one).names(), sealed.Logs(follower).names())

    def files_of(self, daemon):
        logs = sealed.Logs(daemon)
        return {log: (logs.checkpoint(log), logs.tiles(log)) for log in logs.names()}

    def test_a_store_that_was_put_back(self):
        daemon = self.daemon().start()
        self.send(daemon, 20)
        self.all_sealed(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.redis.stop()
        data = os.path.join(self.redis.dir, "appendonlydir")
        shutil.copytree(data, data + ".backup")
        self.redis.start()
        daemon.start()
        self.send(daemon, 20)
        self.all_sealed(daemon)
        sealed.Logs(daemon).keep()
        self.assertEqual(daemon.stop(), 0)
        self.redis.stop()
        shutil.rmtree(data)
        os.rename(data + ".backup", data)
        self.redis.start()
        before = {log: sealed.Logs(daemon).checkpoint(log) for log in ("15", "11", "31", "44")}
        batches = {log: self.covered(log) for log in before}
        daemon.start()
        wait_for(lambda: daemon.metrics()["tipline_log_refusing"] >= len(before), 30, "the logs are refused")
        self.assertIn('"event":"log.refused"', daemon.log())
        self.assertTrue([w for w in daemon.ready().json["warnings"] if w.startswith("log ") and "older copy" in w])
        # Tips come in all the same; nothing is signed over them, however many intervals pass.
        count = daemon.metrics()['tipline_log_batches_total{end="sealed"}']
        self.send(daemon, 20)
        quiet = lambda: daemon.metrics()['tipline_log_unsealed_seconds{log="shards"}'] > 4
        wait_for(quiet, 60, "four intervals passed")
        for log, note in before.items():
            self.assertEqual(sealed.Logs(daemon).checkpoint(log), note)
            self.assertEqual(self.covered(log), batches[log])
        self.assertGreaterEqual(daemon.metrics()["tipline_log_refusing"], len(before))
        self.assertGreaterEqual(daemon.metrics()['tipline_log_batches_total{end="sealed"}'], count)
        self.audited(daemon)


if __name__ == "__main__":
    main()
