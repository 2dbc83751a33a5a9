#!/usr/bin/python3
"""
tipctl export: slices of the journals, and packs of evidence about a tip and a
region's month: deterministic, without a word of a tip, and whatever is changed
in one is named.
"""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import rewards
from tipline import BUILD, PATIENCE, Daemon, Redis, in_threads, main, new_dir, tipctl, wait_for

TEXT = "鄂尔多斯市东胜区看到一个被打的孩子"


def seal(redis, state, log):
    subprocess.run([os.path.join(BUILD, "tests/auditor/seal"), redis.socket, os.path.join(state, "keys"),
                    os.path.join(state, "log"), log, "3"], check=True, timeout=60 * PATIENCE, capture_output=True)


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def put(path, name, data):
    with open(os.path.join(path, name), "wb") as f:
        f.write(data)


class Packs(unittest.TestCase):
    """How packs are made of a copy of a store and checked; no tests of its own."""

    @classmethod
    def take(cls, d, *logs):
        cls.home = new_dir()
        cls.state = d.copy(os.path.join(cls.home, "s"))
        cls.serve(*logs)

    @classmethod
    def serve(cls, *logs):
        cls.redis = Redis(os.path.join(cls.state, "redis")).start()
        for log in logs:
            seal(cls.redis, cls.state, log)

    @classmethod
    def tearDownClass(cls):
        cls.redis.stop()
        shutil.rmtree(cls.home, ignore_errors=True)

    def export(self, out, *about):
        path = os.path.join(self.home, out)
        return path, tipctl("export", "--evidence", path, "--store", self.redis.address, "--log", os.path.join(self.state, "log"),
                            "--keys", os.path.join(self.state, "keys"), "--archive", os.path.join(self.state, "archive"),
                            "--at", "1795363200000", *about)

    def make(self, out, *about):
        path, done = self.export(out, *about)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return path

    def check(self, path, *more):
        done = tipctl("export", "--check", path, *more)
        return done.returncode, done.stdout + done.stderr

    def files(self, path):
        with tarfile.open(path) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}

    def lines(self, data):
        return [json.loads(line) for line in data.decode().splitlines()]


class Evidence(Packs):
    @classmethod
    def setUpClass(cls):
        d = Daemon()
        d.start()
        try:
            cls.code = d.tip(TEXT, contact="13800138000")["receipt"]
            cls.tip = d.receipt(cls.code).json["id"]
            d.tip("鄂尔多斯市康巴什区有人卖假药")
            assert {tip["id"] for tip in d.claim("150000")} >= {cls.tip}
            assert d.act(cls.tip, "note", {"text": "只给同事看"}).status == 200
            assert d.act(cls.tip, "transfer", {"region": "110105", "reason": "那边的事"}).status == 200
            d.settle()
            cls.take(d, "15", "11")
        finally:
            d.close()

    def make(self, out, *about):
        return super().make(out, *(about or ("--tip", self.tip)))

    def test_slices(self):
        done = tipctl("export", "--journal", "15", "--store", self.redis.address, "--from", "2", "--to", "3")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["number"] for line in lines], [2, 3])
        self.assertTrue(all(list(line) == ["number", "event"] for line in lines), lines)
        done = tipctl("export", "--journal", "15", "--store", self.redis.address, "--sealed", "--to", "1")
        first = json.loads(done.stdout)
        self.assertEqual(len(first["commitment"]), 64)
        self.assertIn("fingerprint", first)
        self.assertEqual(tipctl("export", "--journal", "../15", "--store", self.redis.address).returncode, 2)

    def test_a_pack_fits_and_says_nothing_of_the_person(self):
        path = self.make("tip.tar")
        status, said = self.check(path)
        self.assertEqual(status, 0, said)
        files = self.files(path)
        # Both shards: the tip went from one to the other.
        self.assertLessEqual({"README.txt", "manifest.json", "manifest.sig", "signer.key", "15/events.jsonl", "11/events.jsonl",
                              "15/leaves.jsonl", "15/checkpoint", "15/key", "15/batches.jsonl"}, set(files))
        events = [json.loads(line)["event"]["e"] for line in files["15/events.jsonl"].decode().splitlines()]
        self.assertEqual((events[0], events[-1]), ("accepted", "transferred_away"))
        for row in json.loads(files["manifest.json"])["files"]:
            self.assertEqual((row["size"], row["sha256"]), (len(files[row["name"]]), hashlib.sha256(files[row["name"]]).hexdigest()))
        whole = b"".join(files.values())
        for secret in (TEXT, "13800138000", "只给同事看", self.code, self.code.replace(" ", "").replace("-", "")):
            self.assertNotIn(secret.encode(), whole)

    def test_the_same_bytes_again_and_as_a_directory(self):
        with open(self.make("a.tar"), "rb") as a, open(self.make("b.tar"), "rb") as b:
            self.assertEqual(a.read(), b.read())
        self.assertEqual(self.check(self.make("directory"))[0], 0)

    def test_each_proof_by_itself(self):
        path = self.make("proofs")
        proofs = os.path.join(path, "15", "proofs")
        for name in os.listdir(proofs):
            done = tipctl("log", "check", os.path.join(proofs, name), "--key", os.path.join(path, "15", "key"))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_month_of_a_region(self):
        month = time.strftime("%Y-%m", time.gmtime(time.time() + 8 * 3600))
        path = self.make("month.tar", "--month", month, "--region", "150000")
        self.assertEqual(self.check(path)[0], 0)
        done = tipctl("export", "--evidence", os.path.join(self.home, "none.tar"), "--store", self.redis.address, "--log",
                      os.path.join(self.state, "log"), "--keys", os.path.join(self.state, "keys"), "--month", "2001-01", "--region", "150000")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no journal has an entry", done.stderr)

    def changed(self, name, change):
        """The pack with one file changed, and the manifest and its signature as they were."""
        path = self.make("changed-" + os.urandom(4).hex())
        file = os.path.join(path, name)
        with open(file, "rb") as f:
            before = f.read()
        with open(file, "wb") as f:
            f.write(change(before))
        return self.check(path)

    def test_whatever_is_changed_is_named(self):
        for name, change in (("15/events.jsonl", lambda b: b.replace(b"accepted", b"received")),
                             ("15/leaves.jsonl", lambda b: b[:-9] + b"x" + b[-8:]), ("README.txt", lambda b: b + b"\n"),
                             ("15/checkpoint", lambda b: b.replace(b"/15", b"/11")), ("15/key", lambda b: b"x" + b)):
            with self.subTest(name=name):
                status, said = self.changed(name, change)
                self.assertEqual((status, said.split(":")[0]), (1, name), said)
        status, said = self.changed("manifest.json", lambda b: b.replace(b"tipctl", b"tipctk"))
        self.assertEqual((status, said.split(":")[0]), (1, "manifest.sig"), said)
        path = self.make("added")
        with open(os.path.join(path, "more.txt"), "wb") as f:
            f.write(b"x")
        self.assertEqual(self.check(path)[1].split(":")[0], "manifest.json")
        os.remove(os.path.join(path, "more.txt"))
        os.remove(os.path.join(path, "15", "key"))
        self.assertEqual(self.check(path)[1].split(":")[0], "15/key")

    def test_another_signer_is_not_believed(self):
        path = self.make("signer.tar")
        with tarfile.open(path) as tar:
            own = tar.extractfile("signer.key").read().decode().strip()
            log = tar.extractfile("15/key").read().decode().strip()
        self.assertEqual(self.check(path, "--key", own)[0], 0)
        status, said = self.check(path, "--key", log)
        self.assertEqual((status, said.split(":")[0]), (1, "manifest.sig"), said)

    def test_a_tar_is_read_as_it_was_written(self):
        path = self.make("cut.tar")
        with open(path, "rb") as f:
            whole = f.read()
        for bytes_ in (whole[:700], b"\x01" + whole[1:], b""):
            with open(path, "wb") as f:
                f.write(bytes_)
            self.assertEqual(self.check(path)[0], 1)


class Filed(Packs):
    """Of a store that has let go of most of its events: slices and packs out of the archive."""

    @classmethod
    def setUpClass(cls):
        d = Daemon("log.interval_s=1", "archive.segment_events=40", "archive.keep_events=20", "archive.keep_days=0", "money.enabled=false")
        d.start()
        try:
            cls.tip = d.receipt(d.tip(TEXT, contact="13800138000")["receipt"]).json["id"]
            assert {tip["id"] for tip in d.claim("150000")} >= {cls.tip}
            in_threads(4, lambda n: [d.tip(f"鄂尔多斯市东胜区第{i}号楼有人卖假药，车牌蒙K{10000 + i}") for i in range(n, 120, 4)])
            assert d.act(cls.tip, "close", {"outcome": "unfounded", "note": "只给同事看"}).status == 200
            for _ in range(90):
                assert d.staff("GET", f"/api/v1/tips/{cls.tip}").status == 200
            d.settle()
            wait_for(lambda: d.redis_ask("xlen", "{15}:journal") < 60, 60, "whole segments are moved")
            wait_for(lambda: d.redis_ask("llen", "{audit}:archive") > 0, 60, "the trail's are, too")
            cls.take(d, "15")
        finally:
            d.close()
        folder = os.path.join(cls.state, "archive", "15")
        cls.segments = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def slice(self, *more):
        return tipctl("export", "--journal", "15", "--store", self.redis.address, "--archive", os.path.join(self.state, "archive"), *more)

    def test_slices_go_over_from_files_to_the_store(self):
        whole = self.lines(self.slice().stdout.encode())
        self.assertEqual([line["number"] for line in whole], list(range(1, len(whole) + 1)))
        self.assertEqual(whole[-1]["number"], int(self.redis.ask("eval", "return redis.call('XREVRANGE', '{15}:journal', '+', '-', 'COUNT', 1)[1][1]", 0).split("-")[0]))
        edge = 40 * len(self.segments)
        for first, last in ((1, 1), (39, 42), (edge - 1, edge + 2), (edge + 1, edge + 1)):
            self.assertEqual(self.lines(self.slice("--from", str(first), "--to", str(last)).stdout.encode()), whole[first - 1:last])
        sealed = json.loads(self.slice("--sealed", "--to", "1").stdout)
        self.assertEqual((len(sealed["commitment"]), len(sealed["seed"])), (64, 32))

    def test_the_audit_trail_goes_over_from_files_to_the_store(self):
        def trail(archive, *more):
            return tipctl("export", "--trail", "--store", self.redis.address, "--archive", archive, *more)
        archive = os.path.join(self.state, "archive")
        first = int(self.redis.ask("eval", "return redis.call('XRANGE', '{audit}:journal', '-', '+', 'COUNT', 1)[1][1]", 0).split("-")[0])
        self.assertGreater(first, 40)
        whole = self.lines(trail(archive).stdout.encode())
        self.assertEqual([line["number"] for line in whole], list(range(1, len(whole) + 1)))
        self.assertGreater(len(whole), first)
        some = self.lines(trail(archive, "--from", str(first - 2)).stdout.encode())
        self.assertEqual(some[:3], whole[first - 3:first])
        done = trail(os.path.join(self.home, "none"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("audit: events 1 to ", done.stderr)

    def test_a_pack_of_a_tip_whose_events_are_in_files(self):
        path = self.make("filed.tar", "--tip", self.tip)
        self.assertEqual(self.check(path)[0], 0)
        files = self.files(path)
        events = self.lines(files["15/events.jsonl"])
        self.assertEqual((events[0]["event"]["e"], events[-1]["event"]["e"]), ("accepted", "closed"))
        self.assertLess(events[0]["number"], 40)
        self.assertEqual(len([name for name in files if name.startswith("15/proofs/")]), len(events))
        month = time.strftime("%Y-%m", time.gmtime(time.time() + 8 * 3600))
        path = self.make("filed-month.tar", "--month", month, "--region", "150000")
        self.assertEqual(self.check(path)[0], 0)
        self.assertGreater(len(self.lines(self.files(path)["15/events.jsonl"])), 100)

    def test_a_lost_or_changed_file_is_named(self):
        victim = self.segments[1]
        with open(victim, "rb") as f:
            whole = f.read()
        for change in (None, whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
            os.remove(victim)
            if change is not None:
                with open(victim, "wb") as f:
                    f.write(change)
            try:
                path, done = self.export("none.tar", "--tip", self.tip)
                for told in (done, self.slice(), self.slice("--from", "50", "--to", "50")):
                    self.assertEqual(told.returncode, 1, told.stdout)
                    self.assertIn("to 80 cannot be read", told.stderr.replace("events 50 to 50", "events 50 to 80"))
                    if change is not None:
                        self.assertIn(victim, told.stderr)
                self.assertFalse(os.path.exists(path))
                self.assertEqual(self.slice("--from", "81").returncode, 0)
            finally:
                with open(victim, "wb") as f:
                    f.write(whole)


class Reward(Packs, rewards.Office):
    """From the tip to the claim: a pack about one reward, and what links its records."""

    @classmethod
    def setUpClass(cls):
        cls.d = d = Daemon("money.rails=voucher,wallet").start()
        cls.keys = 0
        try:
            wait_for(lambda: cls.call("finance", "GET", rewards.ledger()).status == 200, 20, "the demo has a budget")
            first, cls.other = cls.approved(cls(), "case-other")
            tip, cls.path = cls.approved(cls(), "case-evidence")
            cls.tip = tip["id"]
            claimed = cls.claim(cls(), tip["receipt"], action="claim", rail="wallet", nonce="n1", payee={"account": "oSECRET", "name": "张三"})
            assert claimed.status == 200, claimed
            d.settle()
            cls.take(d, "15", "money")
        finally:
            d.close()

    def runTest(self):
        """For those who use what a test has without being one."""

    def test_a_reward_and_what_links_its_records(self):
        reward, other = (path.rsplit("/", 1)[1] for path in (self.path, self.other))
        path = self.make("reward.tar", "--reward", reward)
        status, said = self.check(path)
        self.assertEqual(status, 0, said)
        files = self.files(path)
        self.assertEqual({name.split("/")[0] for name in files if "/" in name}, {"money"})
        events = self.lines(files["money/events.jsonl"])
        kinds = [event["event"]["kind"] for event in events]
        self.assertLessEqual({"reward.propose", "reward.submit", "reward.approve", "reward.publish", "reward.claim"}, set(kinds))
        self.assertFalse([event for event in events if event["event"].get("subject") == other])
        chain = self.lines(files["money/chain.jsonl"])
        self.assertEqual([row["seq"] for row in chain], list(range(events[0]["number"], events[-1]["number"] + 1)))
        self.assertTrue(all(row["prev"] == before["hash"] for before, row in zip(chain, chain[1:])))
        hashes = {row["seq"]: row["hash"] for row in chain}
        self.assertEqual([hashes[event["number"]] for event in events], [event["event"]["hash"] for event in events])
        whole = b"".join(files.values())
        for secret in ("oSECRET", "张三"):
            self.assertNotIn(secret.encode(), whole)
        # Of the tip: what was done with it, and the records about it.
        files = self.files(self.make("rewarded.tar", "--tip", self.tip))
        self.assertLessEqual({"15/events.jsonl", "money/events.jsonl", "money/chain.jsonl"}, set(files))

    def resigned(self, name, change):
        """A pack with one file changed by whoever signed it: manifest and signature fit."""
        path = self.make("resigned-" + os.urandom(4).hex(), "--reward", self.path.rsplit("/", 1)[1])
        data = change(read(path, name))
        put(path, name, data)
        manifest = json.loads(read(path, "manifest.json"))
        row = next(row for row in manifest["files"] if row["name"] == name)
        row["size"], row["sha256"] = len(data), hashlib.sha256(data).hexdigest()
        signer, text = Ed25519PrivateKey.generate(), b"signer.example\n\x01"
        public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key_id = hashlib.sha256(text + public).digest()[:4]
        key = f"signer.example+{key_id.hex()}+{base64.b64encode(text[-1:] + public).decode()}"
        put(path, "signer.key", key.encode() + b"\n")
        row = next(row for row in manifest["files"] if row["name"] == "signer.key")
        row["size"], row["sha256"] = len(key) + 1, hashlib.sha256(key.encode() + b"\n").hexdigest()
        written = json.dumps(manifest).encode()
        put(path, "manifest.json", written)
        signed = f"tipline-evidence/v1\nsha256 {hashlib.sha256(written).hexdigest()}\n"
        signature = base64.b64encode(key_id + signer.sign(signed.encode())).decode()
        put(path, "manifest.sig", f"{signed}\n\u2014 signer.example {signature}\n".encode())
        return self.check(path, "--key", key)

    def test_a_broken_chain_is_named_whoever_signed_it(self):
        self.assertEqual(self.resigned("README.txt", lambda data: data + b"\n")[0], 0)

        def row(n, change):
            def changed(data):
                rows = data.splitlines(keepends=True)
                rows[n] = change(rows[n])
                return b"".join(rows)
            return changed

        def other_hash(line):
            return line[:-4] + (b"0" if line[-4:-3] != b"0" else b"1") + line[-3:]
        for change, words in ((row(1, lambda line: b""), "line 2 does not follow"), (row(-1, other_hash), "another hash than the record"),
                              (row(2, lambda line: line.replace(b'"prev":"', b'"prev":"0')), "line 3 does not follow"), (row(-1, lambda line: b""), "has no line for a record")):
            status, said = self.resigned("money/chain.jsonl", change)
            self.assertEqual((status, said.split(":")[0]), (1, "money/chain.jsonl"), said)
            self.assertIn(words, said)
        status, said = self.resigned("money/events.jsonl", lambda data: data.replace(b'"kind":"reward.propose"', b'"kind":"reward.approve"'))
        self.assertEqual((status, said.split(":")[0]), (1, "money/leaves.jsonl"), said)


if __name__ == "__main__":
    main()
