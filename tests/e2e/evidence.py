#!/usr/bin/python3
"""
tipctl export: slices of the journals, and packs of evidence about a tip and a
region's month: deterministic, without a word of a tip, and whatever is changed
in one is named.
"""
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import time
import unittest

from tipline import BUILD, PATIENCE, Daemon, Redis, main, new_dir, tipctl

TEXT = "鄂尔多斯市东胜区看到一个被打的孩子"


def seal(redis, state, log):
    subprocess.run([os.path.join(BUILD, "tests/auditor/seal"), redis.socket, os.path.join(state, "keys"),
                    os.path.join(state, "log"), log, "3"], check=True, timeout=60 * PATIENCE, capture_output=True)


class Evidence(unittest.TestCase):
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
            cls.home = new_dir()
            cls.state = d.copy(os.path.join(cls.home, "s"))
        finally:
            d.close()
        cls.redis = Redis(os.path.join(cls.state, "redis")).start()
        for log in ("15", "11"):
            seal(cls.redis, cls.state, log)

    @classmethod
    def tearDownClass(cls):
        cls.redis.stop()
        shutil.rmtree(cls.home, ignore_errors=True)

    def make(self, out, *about):
        path = os.path.join(self.home, out)
        done = tipctl("export", "--evidence", path, "--store", self.redis.address, "--log", os.path.join(self.state, "log"),
                      "--keys", os.path.join(self.state, "keys"), "--at", "1795363200000", *(about or ("--tip", self.tip)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return path

    def check(self, path, *more):
        done = tipctl("export", "--check", path, *more)
        return done.returncode, done.stdout + done.stderr

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
        with tarfile.open(path) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
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


if __name__ == "__main__":
    main()
