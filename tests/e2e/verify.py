#!/usr/bin/python3
"""
tipctl verify on a store, live and copied: all of V1 to V7 hold after work of
every kind, and whatever is changed by hand is found by the check it concerns.
"""
import ctypes
import hashlib
import json
import os
import shutil
import struct
import subprocess
import unittest

from tipline import BUILD, PATIENCE, Daemon, Redis, in_threads, main, new_dir, tipctl, wait_for

JOURNAL = "{15}:journal"
# Whether the last batch of the log covers the journal's last event.
SEALED = """
local last = redis.call('XREVRANGE', '{15}:journal', '+', '-', 'COUNT', 1)[1]
local batch = redis.call('XREVRANGE', '{15}:log', '+', '-', 'COUNT', 1)[1]
local covers = batch and string.match(batch[2][2], '^%d+ %d+ (%d+) ')
return covers == string.match(last[1], '^%d+') and 1 or 0
"""
LAST = "local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1] return last and string.match(last[1], '^%d+') or '0'"
ALL = ["V1", "V2", "V3", "V4", "V5", "V6", "V7"]


def verify(*arguments):
    """(exit status, the checks that are broken, what each says first)."""
    done = tipctl("verify", *arguments, "--json", "--quiet")
    if done.returncode not in (0, 1):
        raise AssertionError(f"not checked: {done.stdout}{done.stderr}")
    found = json.loads(done.stdout)
    assert found["ok"] == (done.returncode == 0), found
    said = {check["id"]: check.get("first", "") for check in found["checks"]}
    return done.returncode, [check["id"] for check in found["checks"] if check["result"] == "broken"], said


def unread(*arguments):
    """(exit status, {check that needs a file of the archive which cannot be read: which, and which events})."""
    done = tipctl("verify", *arguments, "--json", "--quiet")
    found = json.loads(done.stdout)
    assert not found["ok"], found
    return done.returncode, {check["id"]: check["unread"] for check in found["checks"] if check["result"] == "unread"}


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon()
        cls.d.start()
        try:
            cls.work()
        except BaseException:
            cls.d.close()
            raise

    @classmethod
    def work(cls):
        d = cls.d
        texts = ("鄂尔多斯市东胜区看到一个被打的孩子", "鄂尔多斯市康巴什区有人卖假药", "鄂尔多斯市达拉特旗夜里有人偷羊",
                 "鄂尔多斯市准格尔旗煤矿冒黑烟", "鄂尔多斯市东胜区加油站有人吵架")
        codes = [d.tip(text, key=f"v-{i}", contact="13800138000")["receipt"] for i, text in enumerate(texts)]
        cls.queued, cls.held, cls.ended, cls.away, cls.back = [d.receipt(code).json["id"] for code in codes]
        tips = {tip["id"] for tip in d.claim("150000", max=100)}
        assert tips >= {cls.queued, cls.held, cls.ended, cls.away, cls.back}, tips
        for path, action, value in ((cls.queued, "release", {}), (cls.ended, "close", {"outcome": "unfounded", "note": "x"}),
                                    (cls.away, "transfer", {"region": "110105", "reason": "x"}), (cls.back, "close", {"outcome": "prank", "note": "x"})):
            answer = d.act(path, action, value)
            assert answer.status == 200, (action, answer)
        assert d.receipt(codes[4], "我还有话要说").status == 200
        wait_for(lambda: any('"Dr","' in entry[1][1] for entry in d.redis_ask("xrange", "{money}:journal", "-", "+")), 60, "the demo has a budget")
        d.settle()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def store(self, *more):
        return verify("--store", "unix:" + self.d.redis_socket(), *more)

    def test_all_hold(self):
        status, broken, said = self.store()
        self.assertEqual((status, broken), (0, []), said)
        self.assertEqual(list(said), ALL)
        status, broken, said = self.store("--only", "V5,V1")
        self.assertEqual((status, list(said)), (0, ["V1", "V5"]))

    def test_what_was_changed_is_found(self):
        shard = "{15}:"
        queue = next(key for key in self.d.redis("keys", shard + "queue:*").split()
                     if self.d.redis("zscore", key, self.queued).strip())
        rank = self.d.redis("zscore", queue, self.queued).strip()
        until = self.d.redis("zscore", shard + "leases", self.held).strip()
        for check, words, change, undo in (
                ("V1", self.queued, ("zrem", queue, self.queued), ("zadd", queue, rank, self.queued)),
                ("V1", self.queued, ("zadd", shard + "queue:150100", "5", self.queued), ("zrem", shard + "queue:150100", self.queued)),
                ("V1", self.held, ("zrem", shard + "leases", self.held), ("zadd", shard + "leases", until, self.held)),
                ("V1", self.held, ("zadd", queue, "5", self.held), ("zrem", queue, self.held)),
                ("V1", self.ended, ("zadd", queue, "5", self.ended), ("zrem", queue, self.ended)),
                ("V1", self.ended, ("rename", shard + "state:" + self.ended, shard + "state:15-0000000000"),
                 ("rename", shard + "state:15-0000000000", shard + "state:" + self.ended)),
                ("V2", "{15}:state:" + self.ended, ("hset", shard + "state:" + self.ended, "v", "999"),
                 ("hset", shard + "state:" + self.ended, "v", self.d.redis("hget", shard + "state:" + self.ended, "v").strip())),
                ("V2", "{15}:held", ("hincrby", shard + "held", queue[-6:], "1"), ("hincrby", shard + "held", queue[-6:], "-1")),
                ("V5", "{15}:messages:" + self.ended, ("rpush", shard + "messages:" + self.ended, "打电话给我 13800138098"),
                 ("rpop", shard + "messages:" + self.ended)),
                ("V5", "{15}:tip:" + self.queued, ("setrange", shard + "tip:" + self.queued, "0", "\3"),   # neither sealed nor covered
                 ("setrange", shard + "tip:" + self.queued, "0", "\2")),
                ("V5", "{15}", ("set", shard + "draft:13800138099", "x"), ("del", shard + "draft:13800138099")),
                ("V5", "{15}:state:" + self.ended, ("hset", shard + "state:" + self.ended, "note", "张三"),
                 ("hdel", shard + "state:" + self.ended, "note")),
                ("V7", "request:", ("set", "request:" + "0" * 32, "x" * 80, "ex", "60"), ("del", "request:" + "0" * 32)),
                ("V7", "{money}:idem", ("hset", "{money}:idem:made-up", "print", "0" * 64, "seq", "1"),
                 ("del", "{money}:idem:made-up"))):
            with self.subTest(change=change[:2]):
                self.d.redis(*change)
                status, broken, said = self.store()
                self.d.redis(*undo)
                self.assertEqual(status, 1, said)
                self.assertIn(check, broken, said)
                self.assertIn(words, said[check])
                self.assertNotIn("138001380", json.dumps(said))
        self.assertEqual(self.store()[:2], (0, []))


    def test_what_was_changed_in_the_ledger_is_found(self):
        """V3, by the record: in what it says, in what links it, and in the head."""
        rewrite = """
            local all = redis.call('XRANGE', KEYS[1], '-', '+')
            redis.call('DEL', KEYS[1])
            for _, entry in ipairs(all) do
                if entry[1] == ARGV[1] then entry[2][2] = ARGV[2] end
                redis.call('XADD', KEYS[1], entry[1], unpack(entry[2]))
            end
            return #all"""
        records = [(entry[0], entry[1][1]) for entry in self.d.redis_ask("xrange", "{money}:journal", "-", "+")]
        number, record = next((n, r) for n, r in reversed(records) if '"Dr","' in r)
        prev = json.loads(record)["prev"]
        for old, new in (('"Dr","', '"Dr","1'), (f'"prev":"{prev}"', '"prev":"' + "0" * 64 + '"')):
            self.assertIn(old, record)
            with self.subTest(change=new):
                self.d.redis_ask("eval", rewrite, 1, "{money}:journal", number, record.replace(old, new, 1))
                status, broken, said = self.store()
                self.d.redis_ask("eval", rewrite, 1, "{money}:journal", number, record)
                self.assertEqual(status, 1)
                self.assertIn("V3", broken, said)
                self.assertIn(f"record {number.split('-')[0]}", said["V3"])
        head = self.d.redis("hget", "{money}:head", "hash").strip()
        self.d.redis("hset", "{money}:head", "hash", "0" * 64)
        status, broken, said = self.store()
        self.d.redis("hset", "{money}:head", "hash", head)
        self.assertEqual((status, broken[:1]), (1, ["V3"]), said)
        self.assertEqual(self.store()[:2], (0, []))


class Copies(unittest.TestCase):
    """One journal with an event that nobody may have written, in stores that stand still."""

    def setUp(self):
        self.d = Daemon()
        self.d.start()
        self.addCleanup(self.d.close)
        self.tip = self.d.receipt(self.d.tip("鄂尔多斯市东胜区看到一个被打的孩子", contact="13800138000")["receipt"]).json["id"]
        self.d.settle()
        self.dir = new_dir()
        self.addCleanup(shutil.rmtree, self.dir, True)

    def copied(self):
        target = os.path.join(self.dir, "s")
        shutil.rmtree(target, ignore_errors=True)
        return self.d.copy(target)

    def last_event(self):
        """Number of the journal's last event, and the event."""
        number, event = self.d.redis_ask("eval", """
            local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
            return { last[1], last[2][2] }""", 1, JOURNAL)
        return int(number.split("-")[0]), json.loads(event)

    def write(self, number, event):
        """With the seed that stands beside all events of the tip."""
        self.d.redis_ask("eval", """
            local fields = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][2]
            local entry = { 'e', ARGV[2] }
            for i = 1, #fields, 2 do
                if fields[i] == 's' then entry[3], entry[4] = 's', fields[i + 1] end
            end
            return redis.call('XADD', KEYS[1], ARGV[1], unpack(entry))""", 1, JOURNAL, f"{number}-0",
                         json.dumps(event, ensure_ascii=False, separators=(",", ":")))

    def test_a_copy_is_checked_and_left_as_it_is(self):
        copy = self.copied()
        before = {path: os.stat(path).st_mtime_ns for path in (os.path.join(copy, "redis", "appendonlydir", name)
                                                              for name in os.listdir(os.path.join(copy, "redis", "appendonlydir")))}
        for given in (copy, os.path.join(copy, "redis")):
            status, broken, said = verify("--state", given)
            self.assertEqual((status, broken), (0, []), said)
        self.assertEqual(before, {path: os.stat(path).st_mtime_ns for path in before})
        self.assertEqual([name for name in os.listdir("/tmp") if name.startswith("tipctl-verify-")], [])

    def test_a_torn_end_is_cut_in_the_copy_and_damage_is_not(self):
        directory = os.path.join(self.copied(), "redis", "appendonlydir")
        path = next(os.path.join(directory, name) for name in os.listdir(directory) if name.endswith(".incr.aof"))
        with open(path, "ab") as f:
            f.write(b"*3\r\n$3\r\nSET\r\n$1\r\n")
        status, broken, said = verify("--state", os.path.dirname(directory))
        self.assertEqual((status, broken), (0, []), said)
        with open(path, "r+b") as f:
            whole = f.read()
            f.seek(whole.rindex(b"MULTI"))
            f.write(b"?????")
            f.seek(whole.rindex(b"*1\r\n$5\r\nMULTI"))
            f.write(b"?")
        done = tipctl("verify", "--state", os.path.dirname(directory))
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("damaged", done.stderr)

    def test_an_event_by_hand(self):
        at = 1763748000000
        last = self.last_event()[0]
        note = {"e": "note", "id": self.tip, "at": at, "by": "officer", "region": "150602", "points": 1, "messages": 1}
        for number, (event, check, words) in enumerate((
                ({**note, "text": "李四的电话"}, "V5", "a member of an unknown name"),
                ({**note, "by": "13800138097"}, "V5", "has a value that it must not have"),
                ({**note, "e": "closed", "outcome": "prank"}, "V2", "cannot be closed when queued")), last + 1):
            self.write(number, event)
            status, broken, said = verify("--state", self.copied())
            self.assertEqual(status, 1, said)
            self.assertIn(check, broken, said)
            if number != last + 2:
                self.assertIn(f"event {number}", said[check])
                self.assertIn(words, said[check])
            self.assertNotIn("138001380", json.dumps(said))
            self.assertNotIn("李四", json.dumps(said, ensure_ascii=False))

    def test_one_person_who_ends_a_tip_twice(self):
        self.d.claim("150000")
        self.assertEqual(self.d.act(self.tip, "close", {"outcome": "prank", "note": "x"}).status, 200)
        self.d.settle()
        last = self.last_event()[0]
        more = [{"e": "reopened", "id": self.tip, "messages": 2, "since": 5}, {"e": "claimed", "id": self.tip, "by": "demo-officer", "until": 9},
                {"e": "closed", "id": self.tip, "by": "demo-officer", "outcome": "prank", "messages": 2}]
        closer = self.last_event()[1]["by"]
        for i, event in enumerate(more):
            event.update({"at": 1763748000000}, **({"by": closer} if "by" in event else {}))
            self.write(last + 1 + i, event)
        status, broken, said = verify("--state", self.copied(), "--only", "V4")
        self.assertEqual((status, broken), (1, ["V4"]), said)
        self.assertIn(f"event {last + 3} of shard 15", said["V4"])


def seal(redis, state, logs=("15", "11", "00", "audit"), events=3):
    """Puts what is not sealed yet under checkpoints, as the job of the daemon does."""
    for log in logs:
        subprocess.run([os.path.join(BUILD, "tests/auditor/seal"), redis.socket, os.path.join(state, "keys"),
                        os.path.join(state, "log"), log, str(events)], check=True, timeout=60 * PATIENCE, capture_output=True)


class Sealed(unittest.TestCase):
    """A store that stands still, all of it sealed: V6 with the files, with the keys, and each thing changed."""

    @classmethod
    def setUpClass(cls):
        d = Daemon("log.interval_s=1")
        d.start()
        try:
            for i in range(3):
                d.tip(f"鄂尔多斯市东胜区看到一个被打的孩子，第{i}次", contact="13900139000")
                for tip in d.claim("150000", max=4):
                    assert d.act(tip["id"], "note", {"text": "看过了"}).status == 200
                d.settle()
                wait_for(lambda: d.redis_ask("eval", SEALED, 0) == 1, 60, "all is sealed")
            cls.home = new_dir()
            cls.state = d.copy(os.path.join(cls.home, "s"))
        finally:
            d.close()
        cls.redis = Redis(os.path.join(cls.state, "redis")).start()
        seal(cls.redis, cls.state)

    @classmethod
    def tearDownClass(cls):
        cls.redis.stop()
        shutil.rmtree(cls.home, ignore_errors=True)

    def verify(self, *more):
        return verify("--state", self.state, "--only", "V6", *more)

    def broken(self, words, *more):
        status, broken, said = self.verify(*more)
        self.assertEqual((status, broken), (1, ["V6"]), said)
        self.assertIn(words, said["V6"])

    def last(self):
        number, batch, note = self.redis.ask("eval", """
            local last = redis.call('XREVRANGE', '{15}:log', '+', '-', 'COUNT', 1)[1]
            return { last[1], last[2][2], last[2][4] }""", 0)
        return number, batch, note

    def swapped(self, batch, note=None):
        """The last batch in other words, while the block runs."""
        test, (number, old, signed) = self, self.last()

        class Swap:
            def put(self, what, words):
                test.redis.cli("xdel", "{15}:log", number)
                test.redis.cli("xsetid", "{15}:log", f"{int(number.split('-')[0]) - 1}-0")
                test.redis.ask("xadd", "{15}:log", number, "b", what, "n", words)

            def __enter__(self):
                self.put(batch(old), signed if note is None else note(signed))

            def __exit__(self, *_):
                self.put(old, signed)
        return Swap()

    def test_all_of_it_holds(self):
        for more in ((), ("--keys", os.path.join(self.state, "keys"))):
            status, broken, said = self.verify(*more)
            self.assertEqual((status, broken), (0, []), said)

    def test_a_changed_batch(self):
        def other(place, value):
            return lambda old: " ".join(value if i == place else word for i, word in enumerate(old.split(" ")))
        for change, words in ((other(0, "0"), "does not begin where the one before ends"),
                              (other(2, "999999"), "has fewer leaves than events"),
                              (other(3, "5"), "is older than the one before"),
                              (other(4, "0" * 64), "has a checkpoint of another size or root")):
            with self.subTest(words=words), self.swapped(change):
                self.broken(words)
        with self.swapped(lambda old: old, lambda note: note.replace("/15", "/11")):
            self.broken("has the checkpoint of another log")
        self.assertEqual(self.verify()[0], 0)

    def test_a_late_one_and_one_that_is_not_sealed(self):
        late = lambda old: " ".join(str(int(word) + 61000) if i == 3 else word for i, word in enumerate(old.split(" ")))
        with self.swapped(late):
            self.broken("was sealed after")
        number, old, signed = self.last()
        last = int(self.redis.ask("eval", "return redis.call('XREVRANGE', '{15}:journal', '+', '-', 'COUNT', 1)[1][1]", 0).split("-")[0])
        at = int(old.split(" ")[3])
        for i, more in enumerate((1, 61001)):
            event = {"e": "note", "id": "15-0000000000", "at": at + more, "by": "officer"}
            self.redis.cli("xadd", JOURNAL, f"{last + 1 + i}-0", "e", json.dumps(event, separators=(",", ":")))
        try:
            self.broken(f"event {last + 1} is not sealed after 61 s")
        finally:
            for i in range(2):
                self.redis.cli("xdel", JOURNAL, f"{last + 1 + i}-0")
            self.redis.cli("xsetid", JOURNAL, f"{last}-0")
        self.assertEqual(self.verify()[0], 0)

    def test_changed_files(self):
        log = os.path.join(self.state, "log", "15")
        entries = os.path.join(log, "tile", "entries")
        bundle = os.path.join(entries, sorted(os.listdir(entries))[0])
        while os.path.isdir(bundle):
            bundle = os.path.join(bundle, sorted(os.listdir(bundle))[0])
        for path, change, words in ((bundle, lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:], "has another root than its leaves"),
                                    (bundle, lambda b: b[:-70], "lacks leaves"),
                                    (os.path.join(log, "checkpoint"), lambda b: b[:-9] + b"AAAAAAA=\n", "the checkpoint"),
                                    (os.path.join(log, "batches"), lambda b: b, None)):
            with open(path, "rb") as f:
                before = f.read()
            if words is None:
                continue
            with open(path, "wb") as f:
                f.write(change(before))
            try:
                with self.subTest(words=words):
                    self.broken(words)
            finally:
                with open(path, "wb") as f:
                    f.write(before)
        self.assertEqual(self.verify()[0], 0)

    def test_a_changed_event_is_found_with_the_keys(self):
        keys = ("--keys", os.path.join(self.state, "keys"))
        first = self.redis.ask("eval", "return redis.call('XRANGE', KEYS[1], '1-0', '1-0')[1][2][2]", 1, JOURNAL)
        self.redis.ask("eval", """
            local all = redis.call('XRANGE', KEYS[1], '-', '+')
            redis.call('DEL', KEYS[1])
            for i, entry in ipairs(all) do
                if i == 1 then entry[2][2] = ARGV[1] end
                redis.call('XADD', KEYS[1], entry[1], unpack(entry[2]))
            end
            return #all""", 1, JOURNAL, first.replace('"points":', '"points":1'))
        self.assertEqual(self.verify()[0], 0)
        self.broken("is not that of its event", *keys)
        self.redis.ask("eval", """
            local all = redis.call('XRANGE', KEYS[1], '-', '+')
            redis.call('DEL', KEYS[1])
            for i, entry in ipairs(all) do
                if i == 1 then entry[2][2] = ARGV[1] end
                redis.call('XADD', KEYS[1], entry[1], unpack(entry[2]))
            end
            return #all""", 1, JOURNAL, first)
        self.assertEqual(self.verify(*keys)[0], 0)


def forged(whole, change):
    """
    A file of the archive (daemon/sys/archive_file.h) with other entries, as one would make it who has
    the directory: all digests in it are right. (bytes, its digest)
    """
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_compress.restype = zstd.ZSTD_decompress.restype = zstd.ZSTD_compressBound.restype = ctypes.c_size_t

    def call(function, room, data, *more):
        out = ctypes.create_string_buffer(room)
        n = function(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), *more)
        assert n <= room
        return out.raw[:n]
    length = struct.unpack_from("<I", whole, 4)[0]
    head, rest = whole[8:8 + length - 32], whole[8 + length:]
    fixed, at, frames, packed = head[:68], 68, b"", b""
    assert head[:8] == b"tiplseg1" and hashlib.sha256(whole[:8 + length - 32]).digest() == whole[8 + length - 32:8 + length]
    for _ in range(struct.unpack_from("<I", head, 64)[0]):
        entries, size, n = struct.unpack_from("<III", head, at)
        plain = change(call(zstd.ZSTD_decompress, size, rest[:n]))
        frame = call(zstd.ZSTD_compress, zstd.ZSTD_compressBound(ctypes.c_size_t(len(plain))), plain, 3)
        frames += struct.pack("<III", entries, len(plain), len(frame)) + hashlib.sha256(frame).digest()
        packed, rest, at = packed + frame, rest[n:], at + 44
    head = whole[:8] + fixed + frames
    digest = hashlib.sha256(head).digest()
    return head + digest + packed, digest


class Filed(unittest.TestCase):
    """A store that has let go of most of its events: they are read out of the archive."""

    NEED = {"V1", "V2", "V4", "V5", "V6"}

    @classmethod
    def setUpClass(cls):
        d = Daemon("log.interval_s=1", "archive.segment_events=40", "archive.keep_events=20", "archive.keep_days=0")
        d.start()
        try:
            in_threads(4, lambda n: [d.tip(f"鄂尔多斯市东胜区第{i}号楼有人卖假药，车牌蒙K{10000 + i}", contact="13800138000") for i in range(n, 160, 4)])
            for tip in d.claim("150000", max=60):
                assert d.act(tip["id"], "close", {"outcome": "unfounded", "note": "x"}).status == 200
            d.settle()
            wait_for(lambda: d.redis_ask("eval", SEALED, 0) == 1, 60, "all is sealed")
            wait_for(lambda: d.redis_ask("xlen", JOURNAL) < 60, 60, "whole segments are moved")
            live = verify("--store", "unix:" + d.redis_socket(), "--archive", os.path.join(d.state, "archive"), "--log",
                          os.path.join(d.state, "log"), "--keys", os.path.join(d.state, "keys"))
            assert live[:2] == (0, []), live
            nowhere = unread("--store", "unix:" + d.redis_socket(), "--archive", os.path.join(d.state, "none"))
            assert nowhere[0] == 2 and set(nowhere[1]) == cls.NEED, nowhere
            cls.home = new_dir()
            cls.state = d.copy(os.path.join(cls.home, "s"))
        finally:
            d.close()
        cls.redis = Redis(os.path.join(cls.state, "redis")).start()
        seal(cls.redis, cls.state, ("00", "11", "audit"))
        folder = os.path.join(cls.state, "archive", "15")
        cls.files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        cls.keys = ("--keys", os.path.join(cls.state, "keys"))

    @classmethod
    def tearDownClass(cls):
        cls.redis.stop()
        shutil.rmtree(cls.home, ignore_errors=True)

    def store(self):
        """The copy, served: what is changed in it is seen without another start."""
        return ("--store", self.redis.address, "--archive", os.path.join(self.state, "archive"), "--log", os.path.join(self.state, "log"))

    def test_all_hold_and_most_is_in_files(self):
        last = int(self.redis.ask("eval", "return redis.call('XREVRANGE', '{15}:journal', '+', '-', 'COUNT', 1)[1][1]", 0).split("-")[0])
        self.assertGreater(40 * len(self.files), last * 3 // 4)
        for given in (("--state", self.state), ("--state", self.state, "--archive", os.path.join(self.state, "archive"))):
            status, broken, said = verify(*given, *self.keys)
            self.assertEqual((status, broken, list(said)), (0, [], ALL), said)
        done = tipctl("verify", "--state", self.state, "--only", "V2", "--quiet")
        self.assertIn(f"V2 ok, {sum(int(self.redis.ask('eval', LAST, 1, f'{{{shard}}}:journal')) for shard in ('15', '00', '11'))} events", done.stdout)
        for given in (("--state", os.path.join(self.state, "redis")), ("--state", self.state, "--archive", self.home)):
            status, said = unread(*given)
            self.assertEqual((status, set(said)), (2, self.NEED))
            self.assertIn("15: events 1 to ", said["V2"])

    def test_a_lost_or_changed_file_is_named_by_the_checks_that_need_it(self):
        victim = self.files[1]
        with open(victim, "rb") as f:
            whole = f.read()
        other = forged(whole, lambda plain: plain.replace(b'"at":1', b'"at":2', 1))[0]
        for name, change in (("lost", None), ("a byte", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]), ("cut", whole[:-20]),
                             ("its head", whole[:40] + b"\x01" + whole[41:]), ("another one", other), ("nothing", b"")):
            os.remove(victim)
            if change is not None:
                with open(victim, "wb") as f:
                    f.write(change)
            try:
                with self.subTest(change=name):
                    status, said = unread("--state", self.state, *self.keys)
                    self.assertEqual((status, set(said)), (2, self.NEED), said)
                    for check in self.NEED:
                        self.assertIn("15: events 41 to 80 cannot be read", said[check])
                        if change is not None:
                            self.assertIn(victim, said[check])
                        if change == other:
                            self.assertIn("is another file than the one that was written", said[check])
                    self.assertEqual(verify("--state", self.state, "--only", "V3,V7")[:2], (0, []))
                    status, said = unread("--state", self.state, "--only", "V5")
                    self.assertEqual((status, set(said)), (2, {"V5"}))
            finally:
                with open(victim, "wb") as f:
                    f.write(whole)
        self.assertEqual(verify("--state", self.state)[:2], (0, []))

    def test_what_is_wrong_beside_a_lost_file_is_wrong(self):
        os.rename(self.files[2], self.files[2] + ".away")
        self.redis.cli("set", "{15}:draft:13800138099", "x")
        try:
            status, broken, said = verify(*self.store())
            self.assertEqual((status, broken), (1, ["V5"]), said)
            self.assertEqual(unread(*self.store())[1].keys(), self.NEED - {"V5"})
        finally:
            self.redis.cli("del", "{15}:draft:13800138099")
            os.rename(self.files[2] + ".away", self.files[2])

    def test_an_event_that_no_file_was_said_to_have(self):
        """It was taken out of the store by hand: that is no file that could be found again."""
        number, fields = self.redis.ask("eval", "local e = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 3)[3] return { e[1], e[2][2] }", 1, JOURNAL)
        self.redis.cli("copy", JOURNAL, "{15}:kept")
        self.redis.cli("xdel", JOURNAL, number)
        try:
            status, broken, said = verify(*self.store(), "--only", "V2")
            self.assertEqual((status, broken), (1, ["V2"]), said)
            self.assertIn(f"event {number.split('-')[0]} is missing", said["V2"])
        finally:
            self.redis.cli("rename", "{15}:kept", JOURNAL)
        self.assertEqual(verify(*self.store())[:2], (0, []))
        self.assertIn('"at"', fields)

    def test_a_forged_file_that_the_store_was_told_of(self):
        """Whoever has store and directory makes both agree: shapes are looked at in files, too, and the log gives the rest away."""
        victim = self.files[0]
        with open(victim, "rb") as f:
            whole = f.read()
        row = self.raw_row()
        for change, check, words in ((lambda plain: plain.replace(b'"region":"1', b'"remark":"1', 1), "V5", "a member of an unknown name"),
                                     (lambda plain: plain.replace(b'"at":1', b'"at":2', 1), "V6", "is not that of its event")):
            bytes_, digest = forged(whole, change)
            with open(victim, "wb") as f:
                f.write(bytes_)
            self.set_row(row[:-32] + digest)
            try:
                status, broken, said = verify(*self.store(), *self.keys)
                self.assertEqual(status, 1, said)
                self.assertIn(check, broken)
                self.assertIn(words, said[check])
                if check == "V5":
                    self.assertIn("{15}:journal: event ", said[check])
            finally:
                with open(victim, "wb") as f:
                    f.write(whole)
                self.set_row(row)
        self.assertEqual(verify(*self.store(), *self.keys)[:2], (0, []))

    def raw_row(self):
        done = subprocess.run(["redis-cli", "-s", self.redis.socket, "eval", "return (redis.call('LINDEX', '{15}:archive', 0):gsub('.', "
                               "function(c) return string.format('%02x', c:byte()) end))", "0"], capture_output=True, text=True, check=True,
                              timeout=60 * PATIENCE)
        return bytes.fromhex(done.stdout.strip())

    def set_row(self, row):
        self.redis.ask("eval", "return redis.call('LSET', '{15}:archive', 0, (ARGV[1]:gsub('..', function(h) return string.char(tonumber(h, 16)) end)))",
                       0, row.hex())


if __name__ == "__main__":
    main()
