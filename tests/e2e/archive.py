#!/usr/bin/python3
"""The archive: sealed events move to files, and everything reads files and tail as one; lost and changed files are named."""
import os
import shutil
import signal
import unittest

from tipline import Daemon, Redis, in_threads, main, new_dir, tipctl, wait_for

SMALL = ("log.interval_s=1", "archive.segment_events=50", "archive.keep_events=20", "archive.keep_days=0", "money.enabled=false")
JOURNAL = "{15}:journal"
ENDS = """
local first, last = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1), redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return { first[1] and first[1][1] or '0-0', last[1] and last[1][1] or '0-0' }
"""
KILLS = int(os.environ.get("TIPLINE_KILLS", "8"))


def text(i):
    return f"鄂尔多斯市东胜区第{i}号楼有人卖假药，车牌蒙K{10000 + i}"


class Archived(unittest.TestCase):
    def daemon(self, *sets, **more):
        d = Daemon(*SMALL, *sets, **more)
        self.addCleanup(d.close)
        return d

    def send(self, d, first, n):
        """Tips by four callers at a time; receipts in order."""
        def one(start):
            return [d.tip(text(i), key=f"a-{i}")["receipt"] for i in range(first + start, first + n, 4)]
        codes = in_threads(4, one)
        return [codes[i % 4][i // 4] for i in range(n)]

    def in_store(self, d):
        """Number of the first event in Redis and of the last one ever."""
        return [int(number.split("-")[0]) for number in d.redis_ask("eval", ENDS, 1, JOURNAL)]

    def files(self, directory):
        folder = os.path.join(directory, "15")
        return sorted(os.path.join(folder, name) for name in os.listdir(folder)) if os.path.isdir(folder) else []

    def await_moved(self, d):
        """Until no whole segment is left in the store that may go."""
        def moved():
            first, last = self.in_store(d)
            return first > 1 and last - first + 1 < 50 + 20
        wait_for(moved, 60, lambda: f"the journal is trimmed: {self.in_store(d)}")

    def replay(self, d, *more):
        return tipctl("replay", "--quiet", "--state", d.state, *more)

    def verify(self, d, *more):
        return tipctl("archive", "verify", "--state", d.state, *more)

    def assert_equal_replay(self, d, *more):
        done = self.replay(d, *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class Whole(Archived):
    def test_memory_follows_what_is_open_and_nothing_is_missed(self):
        d = self.daemon("archive.enabled=false").start()
        codes = self.send(d, 0, 400)
        for tip in d.claim(max=100):
            self.assertEqual(d.act(tip["id"], "close", {"outcome": "unfounded", "note": "looked at"}).status, 200)
        d.settle()
        plain, events = self.assert_equal_replay(d), self.in_store(d)[1]
        before = d.redis_ask("memory", "usage", JOURNAL, "samples", 0)
        rows = d.queues()
        self.assertEqual(d.stop(), 0)
        d.sets.remove("archive.enabled=false")
        d.start()
        self.await_moved(d)
        after = d.redis_ask("memory", "usage", JOURNAL, "samples", 0)
        self.assertLess(after * 3, before)
        d.settle()
        archive = os.path.join(d.state, "archive")
        stored = sum(os.path.getsize(path) for path in self.files(archive))
        first = self.in_store(d)[0]
        print(f"    {events} events: {before / events:.0f} bytes of Redis each; {first - 1} moved: {after} of {before} bytes are left, "
              f"{stored / (first - 1):.0f} bytes a file's event", flush=True)
        # What a tip needs is there as before.
        self.assertEqual({r: q["waiting"] for r, q in d.queues().items()}, {r: q["waiting"] for r, q in rows.items()})
        self.assertEqual({d.receipt(code).status for code in codes[::9]}, {200})
        self.assertEqual(d.tip(text(7), key="a-7")["receipt"], codes[7])
        tip = d.claim(max=1)[0]
        self.assertEqual(d.act(tip["id"], "close", {"outcome": "unfounded", "note": "looked at"}).status, 200)
        d.settle()
        self.assertIn("out of the archive", self.assert_equal_replay(d))
        self.assertEqual(self.verify(d).returncode, 0)
        # A restart reads files and tail: the linker knows the tips of the files again.
        d.stop()
        d.start()
        again = d.tip(text(3))
        d.settle()
        self.assertGreater(d.metrics()["tipline_archive_read_events_total"], first - 2)
        self.assertEqual(d.metrics()["tipline_archive_read_failures_total"], 0)
        mine = d.receipt(again["receipt"]).json["id"]
        self.assertNotEqual(d.redis("hget", "{15}:state:" + mine, "i").strip(), "", "it is a copy of one whose event is in a file")
        self.assert_equal_replay(d)
        self.assertIn("0 differences", plain)
        # And a new store out of both.
        empty = Redis().start()
        self.addCleanup(empty.remove)
        self.assertIn("the new store: 0 differences", self.assert_equal_replay(d, "--into", empty.address))
        self.assertEqual(self.verify(d, "--store", empty.address).returncode, 0)

    def test_a_lost_or_changed_file_is_found_and_named(self):
        d = self.daemon().start()
        self.send(d, 0, 200)
        d.settle()
        self.await_moved(d)
        def listed():
            rows = tipctl("archive", "list", "--state", d.state).stdout.splitlines()
            return len([row for row in rows if row.startswith("15")])
        # The segment that is being written is either in both or soon is.
        wait_for(lambda: listed() == len(self.files(os.path.join(d.state, "archive"))), 20, "each file is listed")
        files = self.files(os.path.join(d.state, "archive"))
        self.assertGreaterEqual(len(files), 3)
        kept, victim = files[1] + ".kept", files[1]

        def named(what, offline=True):
            for done in (self.verify(d), *([self.verify(d, "--offline")] if offline else []), self.replay(d)):
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn(what, done.stdout)

        # Lost: the events that are missing.
        os.rename(victim, kept)
        named("51 to 100")
        d.stop()
        d.start()
        wait_for(lambda: "archive: " in d.ready().text, 20, "readyz warns")
        self.assertEqual(d.ready().status, 200)
        self.assertEqual(d.metrics()["tipline_archive_faults"], 1)
        self.assertIn(os.path.basename(victim), d.ready().text)
        self.assertIn("archive.fault", d.log())
        # Nothing more goes while it is away.
        first = self.in_store(d)[0]
        self.send(d, 1000, 120)
        self.assertEqual(self.in_store(d)[0], first)
        os.rename(kept, victim)
        wait_for(lambda: "archive: " not in d.ready().text, 20, "readyz is content")
        self.await_moved(d)
        # Changed within: file and offset.
        shutil.copy(victim, kept)
        with open(victim, "r+b") as f:
            f.seek(-40, os.SEEK_END)
            f.write(b"XY")
        named(victim)
        self.assertIn("offset", self.verify(d).stdout)
        # Another file of the same events: its digest is not the one the store knows.
        shutil.copy(kept, victim)
        with open(victim, "r+b") as f:
            f.truncate(os.path.getsize(kept) - 1)
        named(victim)
        os.remove(victim)
        os.rename(kept, victim)
        self.assertEqual(self.verify(d).returncode, 0)
        d.settle()
        self.assert_equal_replay(d)


class Several(Archived):
    def test_two_daemons_agree_on_one(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        shared = os.path.join(new_dir(), "archive")
        self.addCleanup(shutil.rmtree, os.path.dirname(shared), True)
        one = self.daemon(f"store.address={redis.address}", f"archive.directory={shared}").start()
        keys = os.path.join(one.state, "keys")
        two = self.daemon(f"store.address={redis.address}", f"archive.directory={shared}", f"keys.dir={keys}").start()
        for turn in range(3):
            self.send(one, turn * 200, 100)
            self.send(two, turn * 200 + 100, 100)
        self.await_moved(one)
        moved = one.metrics()["tipline_archive_segments_total"] + two.metrics()["tipline_archive_segments_total"]
        self.assertEqual(moved, sum(len(os.listdir(os.path.join(shared, name))) for name in os.listdir(shared)))
        # One that has no such directory says so and lets go of nothing.
        self.assertEqual(two.stop(), 0)
        blind = self.daemon(f"store.address={redis.address}", f"keys.dir={keys}").start()
        wait_for(lambda: "archive: " in blind.ready().text, 20, "who lacks files says so")
        self.assertEqual(blind.metrics()["tipline_archive_segments_total"], 0)
        done = tipctl("replay", "--quiet", "--state", one.state, "--store", redis.address, "--archive", shared)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_kill_9_at_any_moment_loses_and_doubles_nothing(self):
        d = self.daemon().start()
        sent = []
        for turn in range(KILLS):
            sent += self.send(d, turn * 100, 60)
            first = self.in_store(d)[0]
            if turn % 2 == 1:
                wait_for(lambda: self.in_store(d)[0] > first or first > 1, 20, "something moves")
            d.signal(signal.SIGKILL)
            d.process.wait()
            d.restart()
        self.await_moved(d)
        d.settle()
        self.assertEqual(d.metrics()["tipline_archive_faults"], 0)
        self.assert_equal_replay(d)
        done = self.verify(d)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual({d.receipt(code).status for code in sent[::7]}, {200})
        self.assertFalse([path for path in self.files(os.path.join(d.state, "archive")) if not path.endswith(".zst")
                          and os.path.getmtime(path) < os.path.getmtime(d.state) - 3600])


if __name__ == "__main__":
    main()
