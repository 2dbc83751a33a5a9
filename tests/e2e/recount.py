#!/usr/bin/python3
"""Published figures, counted again by `tipctl log recount` from the files alone; whatever was changed is named."""
import hashlib
import os
import re
import shutil
import subprocess
import unittest

from tipline import BUILD, PATIENCE, main, new_dir

WRITE = os.path.join(BUILD, "tests/auditor/write")
TIPCTL = os.path.join(BUILD, "tipctl")
WORK = new_dir("tipline-recount-")


def setUpModule():
    subprocess.run([WRITE, os.path.join(WORK, "whole"), "600", "100"], check=True, timeout=60 * PATIENCE)


def tearDownModule():
    shutil.rmtree(WORK, ignore_errors=True)


class Recount(unittest.TestCase):
    """Two months of 300 leaves each (tests/auditor/write.c)."""

    def setUp(self):
        self.log = os.path.join(WORK, "log")
        shutil.copytree(os.path.join(WORK, "whole"), self.log)
        self.addCleanup(shutil.rmtree, self.log)
        os.remove(os.path.join(self.log, "witness"))

    def recount(self, *options):
        done = subprocess.run([TIPCTL, "log", "recount", self.log, *options], capture_output=True, text=True, timeout=60 * PATIENCE)
        return done.returncode, done.stdout + done.stderr

    def edit(self, name, change):
        path = os.path.join(self.log, name)
        with open(path, "rb") as f:
            data = change(f.read())
        with open(path, "wb") as f:
            f.write(data)

    def sign(self, month):
        """Signs the files of a month as they are now, with the log's key."""
        import base64
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        digests = []
        for suffix in ("", ".figures"):
            with open(os.path.join(self.log, "openings", month + suffix), "rb") as f:
                digests.append(hashlib.sha256(f.read()).hexdigest())
        text = f"tipline-openings/v1\ntips.example/log/15\n{month}\nopenings {digests[0]}\nfigures {digests[1]}\n"
        with open(os.path.join(self.log, "key"), encoding="utf-8") as f:
            key_id = bytes.fromhex(f.read().split("+")[1])
        signature = Ed25519PrivateKey.from_private_bytes(b"\1" + bytes(31)).sign(text.encode())
        with open(os.path.join(self.log, "openings", month + ".note"), "w", encoding="utf-8") as f:
            f.write(f"{text}\n\u2014 tips.example/log/15 {base64.b64encode(key_id + signature).decode()}\n")

    def found(self, words, *options):
        status, said = self.recount(*options)
        self.assertEqual(status, 1, said)
        self.assertIn(words, said)

    def test_whole(self):
        status, said = self.recount("--print")
        self.assertEqual(status, 0, said)
        self.assertIn("accepted - 150621 40 - - -\nclosed verified 150600 120 - - -\nfirst_look - 150000 40 - 7 7\n", said)
        self.assertIn("whole: 2026-11, 300 leaves, 3 rows\n", said)
        self.assertIn("whole: 2026-12, 300 leaves, 3 rows\n", said)
        self.assertEqual(self.recount("--month", "2026-12")[0], 0)

    def test_the_signing_here_is_right(self):
        self.sign("2026-11")
        self.assertEqual(self.recount()[0], 0)

    def test_changed_figures(self):
        self.edit("openings/2026-11.figures", lambda data: data.replace(b" 120 ", b" 121 "))
        self.found("openings/2026-11: the note is not over these files")
        self.sign("2026-11")
        self.found("openings/2026-11: the figures are not what is open")

    def test_another_value(self):
        """A county in place of another, signed by the log itself."""
        self.edit("openings/2026-12", lambda data: data.replace(b"county=150621", b"county=150622", 1))
        self.sign("2026-12")
        status, said = self.recount()
        self.assertEqual(status, 1)
        self.assertRegex(said, r"openings/2026-12: line \d+: leaf 301 does not commit to it")

    def test_a_line_left_out(self):
        self.edit("openings/2026-11", lambda data: re.sub(rb"\n4 event=[^\n]*", b"", data, count=1))
        self.sign("2026-11")
        self.found("openings/2026-11: the figures are not what is open")

    def test_months_with_a_gap(self):
        self.edit("openings/2026-12", lambda data: re.sub(rb"\n300 event=[^\n]*", b"", data.replace(b"leaves 300 ", b"leaves 301 ")))
        self.sign("2026-12")
        self.found("line 4: the month before ended with leaf 300")

    def test_a_leaf_changed_in_the_files(self):
        def flip(data):
            return data[:70 * 7 + 50] + bytes([data[70 * 7 + 50] ^ 1]) + data[70 * 7 + 51:]
        self.edit("tile/entries/000", flip)
        self.found("leaf 7 does not commit to it")

    def test_a_closed_leaf_changed_in_the_files(self):
        """Its id is in no opening: the root tells."""
        def flip(data):
            return data[:70 * 7 + 25] + bytes([data[70 * 7 + 25] ^ 1]) + data[70 * 7 + 26:]
        self.edit("tile/entries/000", flip)
        self.found("the leaves up to 300 have another root")

    def test_another_key(self):
        """Of the same name, and not the one that signed."""
        self.edit("openings/2026-11.note", lambda data: data[:-12] + (b"AAAA" if data[-12:-8] != b"AAAA" else b"BBBB") + data[-8:])
        self.found("the note is not signed by the log's key")

    def test_wrong_use(self):
        self.assertEqual(self.recount("--month", "2026")[0], 2)
        self.assertEqual(self.recount("--nothing")[0], 2)
        self.assertEqual(self.recount("--help")[0], 0)

    def test_nothing_opened_yet(self):
        shutil.rmtree(os.path.join(self.log, "openings"))
        self.found("nothing of this log is opened yet")


main()
