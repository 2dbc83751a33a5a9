#!/usr/bin/python3
"""Logs as our parts write them, before a verifier that is not ours: whole ones pass, tampered ones are
found with the first leaf that cannot be relied on. tests/support/auditor is in Go, on golang.org/x/mod."""
import base64
import glob
import hashlib
import os
import shutil
import struct
import subprocess
import unittest

from tipline import BUILD, PATIENCE, ROOT, main, new_dir

WRITE = os.path.join(BUILD, "tests/auditor/write")
LIBRARY = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"
WORK = new_dir("tipline-log-")
AUDITOR = os.path.join(WORK, "auditor")


def build():
    """For the tests of others, too: auditor.audit() after that."""
    if not shutil.which("go") or not os.path.isdir(LIBRARY):
        shutil.rmtree(WORK)
        raise unittest.SkipTest("golang-go and golang-golang-x-mod-dev are not installed: no second verifier")
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=os.path.join(WORK, "cache"), GOFLAGS="-p=2")
    subprocess.run(["go", "build", "-o", AUDITOR, "."], cwd=os.path.join(ROOT, "tests/support/auditor"), env=environment, check=True,
                   timeout=300 * PATIENCE)


def setUpModule():
    build()
    write("grown", 600, 1)
    write("steps", 1000, 37)


def tearDownModule():
    shutil.rmtree(WORK, ignore_errors=True)


def write(name, size, step):
    subprocess.run([WRITE, os.path.join(WORK, name), str(size), str(step)], check=True, timeout=60 * PATIENCE)
    return os.path.join(WORK, name)


def audit(*arguments):
    done = subprocess.run([AUDITOR, *arguments], capture_output=True, text=True, timeout=60 * PATIENCE)
    return done.returncode, done.stdout.strip()


def checkpoints(log):
    return glob.glob(os.path.join(log, "checkpoints/*"))


class Whole(unittest.TestCase):
    def whole(self, *arguments):
        status, said = audit(*arguments)
        self.assertEqual((status, said[:6]), (0, "whole:"), said)
        return said

    def test_every_size_to_600(self):
        """The log grew leaf by leaf; each of its sizes is audited as it was published."""
        log = os.path.join(WORK, "grown")
        self.assertEqual(len(checkpoints(log)), 600)
        said = self.whole("log", log, *checkpoints(log))
        self.assertEqual(said, "whole: 600 leaves, 600 older checkpoints")
        for size in (1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 599):
            with self.subTest(size=size):
                view = os.path.join(WORK, f"view-{size}")
                os.mkdir(view)
                for name in ("key", "witness", "tile"):
                    os.symlink(os.path.join(log, name), os.path.join(view, name))
                shutil.copy(os.path.join(log, "checkpoints", str(size)), os.path.join(view, "checkpoint"))
                self.assertIn(f"{size} leaves", self.whole("log", view))

    def test_proofs_of_every_size(self):
        said = self.whole("proofs", os.path.join(WORK, "grown"))
        self.assertGreater(int(said.split()[1]), 5000)
        self.whole("proofs", os.path.join(WORK, "steps"))

    def test_receipts(self):
        log = os.path.join(WORK, "grown")
        for index, other in ((300, 599), (599, 300)):
            receipt = os.path.join(log, f"receipts/{index}.tlog-proof")
            self.whole("receipt", log, receipt, os.path.join(log, f"receipts/{index}.leaf"))
            status, said = audit("receipt", log, receipt, os.path.join(log, f"receipts/{other}.leaf"))
            self.assertEqual((status, said[:8]), (1, "receipt:"), said)

    def test_70000(self):
        log = write("large", 70000, 1111)
        self.assertEqual(sorted(os.listdir(os.path.join(log, "tile/2"))), ["000.p"])
        self.assertIn("70000 leaves", self.whole("log", log, *checkpoints(log)))
        self.whole("proofs", log)


FIELDS = "event outcome province prefecture county waited amount entry actor".split()

# Of a leaf's number, by the rest of five; 0 is for all others.
KINDS = {
    1: {"event": "accepted", "province": "150000", "prefecture": "150600", "county": "150621"},
    2: {"event": "first_look", "province": "150000", "waited": "7"},
    0: {"event": "closed", "outcome": "verified", "province": "150000", "prefecture": "150600"},
}


def opened(line):
    """The values of an opening and the commitment it leads to, by the definition in daemon/tlog/leaf.h."""
    values, rest, closed = {}, bytes(32), []
    for name, part in zip(FIELDS, line.split(" ")):
        if part.startswith("*:"):
            rest = base64.b64decode(part[2:], validate=True)
            break
        text, secret = part.rsplit(":", 1)
        secret = base64.b64decode(secret, validate=True)
        if text != name:
            values[name] = text[len(name) + 1:]
            secret = hashlib.blake2b(values[name].encode(), key=secret, digest_size=32).digest()
        closed.append((name, secret))
    for name, value in reversed(closed):
        rest = hashlib.blake2b(b"tipline leaf rest v1\0" + name.encode() + b"\0" + value + rest, digest_size=32).digest()
    return values, rest


class Openings(unittest.TestCase):
    """Leaves and their fields, recomputed here with hashlib."""

    def leaves(self, log):
        for name in sorted(glob.glob(os.path.join(log, "tile/entries/[0-9]*"))):
            if os.path.isfile(name):
                with open(name, "rb") as f:
                    data = f.read()
                yield from (data[i + 2:i + 70] for i in range(0, len(data), 70))

    def test_each_opens_its_leaf(self):
        log = os.path.join(WORK, "steps")
        leaves = list(self.leaves(log))
        with open(os.path.join(log, "opened"), encoding="ascii") as f:
            lines = f.read().splitlines()
        self.assertEqual(len(lines), 512)
        for number, line in enumerate(lines):
            index, text = line.split(" ", 1)
            values, commitment = opened(text)
            self.assertEqual((int(index), commitment), (number, leaves[number][36:]))
            self.assertEqual(set(values), {name for i, name in enumerate(FIELDS) if number >> i & 1})
            wanted = {"event": "dummy"} if number % 3 == 0 else KINDS.get(number % 5, KINDS[0])
            self.assertEqual(values, {name: wanted.get(name, "") for name in values})

    def test_seeds_and_blindings(self):
        """What a holder of the digits calculates: the id of the tip's leaf, and every blinding."""
        log = os.path.join(WORK, "steps")
        leaf = list(self.leaves(log))[511]
        seed = hashlib.blake2b(b"tipline leaf tip v1\0" + f"15{511 // 5:022}".encode(), digest_size=16).digest()
        self.assertEqual(hashlib.blake2b(leaf[4:20], key=seed, digest_size=16).digest(), leaf[20:36])
        with open(os.path.join(log, "opened"), encoding="ascii") as f:
            text = f.read().splitlines()[511]
        for name, part in zip(FIELDS, text.split(" ")[1:]):
            blinding = hashlib.blake2b(b"tipline leaf blinding v1\0" + leaf[4:20] + name.encode() + b"\0", key=seed, digest_size=16)
            self.assertEqual(base64.b64decode(part.rsplit(":", 1)[1]), blinding.digest())


class Tampered(unittest.TestCase):
    """Of 1000 leaves, signed every 37. The auditor has the key and, where it says so, older checkpoints."""

    def setUp(self):
        self.log = os.path.join(WORK, "t")
        shutil.copytree(os.path.join(WORK, "steps"), self.log)
        self.addCleanup(shutil.rmtree, self.log)

    def path(self, *parts):
        return os.path.join(self.log, *parts)

    def edit(self, name, change):
        with open(self.path(name), "rb") as f:
            data = change(bytearray(f.read()))
        with open(self.path(name), "wb") as f:
            f.write(data)

    def found(self, leaf, words, old=()):
        status, said = audit("log", self.log, *old)
        self.assertEqual(status, 1, said)
        self.assertIn(f"leaf {leaf}: ", said)
        self.assertIn(words, said)

    def entries(self, change):
        """Changes the list of entries of the second bundle (leaves 256 to 511)."""
        def edit(data):
            entries = [bytes(data[i + 2:i + 70]) for i in range(0, len(data), 70)]
            return b"".join(struct.pack(">H", len(e)) + e for e in change(entries))
        self.edit("tile/entries/001", edit)

    def test_changed(self):
        def flip(data):
            data[70 * 44 + 40] ^= 1
            return data
        self.edit("tile/entries/001", flip)
        self.found(300, "entry and hash differ")

    def test_every_bit_of_one_entry(self):
        for bit in range(0, 68 * 8, 13):
            def flip(data, bit=bit):
                data[70 * 3 + 2 + bit // 8] ^= 1 << bit % 8
                return data
            self.edit("tile/entries/003.p/232", flip)
            self.found(771, "entry and hash differ")
            self.edit("tile/entries/003.p/232", flip)

    def test_removed(self):
        self.entries(lambda e: e[:100] + e[101:])
        self.found(356, "entry and hash differ")

    def test_removed_at_the_end_of_a_bundle(self):
        self.entries(lambda e: e[:255])
        self.found(511, "entries are cut")

    def test_file_removed(self):
        os.remove(self.path("tile/entries/002"))
        self.found(512, "entries are missing")

    def test_hashes_removed(self):
        os.remove(self.path("tile/0/001"))
        self.found(256, "hashes are missing")

    def test_swapped(self):
        self.entries(lambda e: e[:10] + [e[20]] + e[11:20] + [e[10]] + e[21:])
        self.found(266, "entry and hash differ")

    def test_cut(self):
        self.edit("tile/entries/003.p/232", lambda data: data[:70 * 50 + 30])
        self.found(818, "entries are cut")

    def test_upper_tile_changed(self):
        def flip(data):
            data[32 * 2] ^= 1
            return data
        self.edit("tile/1/000.p/3", flip)
        self.found(512, "differs from what the leaves give")

    def recompute(self, changed):
        """A log of its own that differs from one leaf on, with all tiles made anew, under the old signature."""
        with open(self.path("checkpoint"), "rb") as f:
            signed = f.read()
        def flip(data):
            data[70 * (changed % 256) + 50] ^= 1
            return data
        name = f"{changed // 256:03}" if changed < 768 else "003.p/232"
        self.edit(f"tile/entries/{name}", flip)
        self.rehash()
        with open(self.path("checkpoint"), "rb") as f:
            self.assertEqual(f.read(), signed)

    def rehash(self):
        """Writes level 0 and level 1 from the entries, by the definition."""
        tops = []
        for n in range(4):
            name = f"{n:03}" + (".p/232" if n == 3 else "")
            with open(self.path("tile/entries", name), "rb") as f:
                data = f.read()
            row = [hashlib.sha256(b"\0" + data[i + 2:i + 70]).digest() for i in range(0, len(data), 70)]
            with open(self.path("tile/0", name), "wb") as f:
                f.write(b"".join(row))
            while len(row) > 1 and n < 3:
                row = [hashlib.sha256(b"\1" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
            tops += row if n < 3 else []
        with open(self.path("tile/1/000.p/3"), "wb") as f:
            f.write(b"".join(tops))

    def test_recomputed(self):
        """Without older checkpoints, all that is known is that the whole is not what was signed."""
        self.recompute(300)
        self.found(0, "not what was signed at 1000 leaves")

    def test_recomputed_against_older_checkpoints(self):
        for changed in (0, 36, 37, 300, 999):
            with self.subTest(changed=changed):
                self.recompute(changed)
                batch = changed // 37 * 37
                self.found(batch, f"not what was signed at {min(batch + 37, 1000)} leaves", checkpoints(self.log))
                self.recompute(changed)

    def test_the_recomputation_here_is_right(self):
        self.rehash()
        self.assertEqual(audit("log", self.log)[0], 0)

    def test_rolled_back(self):
        newest = os.path.join(WORK, "steps/checkpoint")
        shutil.copy(self.path("checkpoints/962"), self.path("checkpoint"))
        self.assertEqual(audit("log", self.log)[0], 0)
        self.found(962, "rolled back", [newest])

    def test_forked(self):
        """The log's own key signed two trees: the same for 370 leaves, then one leaf left out."""
        other = os.path.join(WORK, "fork")
        shutil.copytree(self.log, other)
        self.addCleanup(shutil.rmtree, other)
        self.forge(other)
        self.assertEqual(audit("log", other)[0], 0)
        status, said = audit("log", other, *checkpoints(self.log))
        self.assertEqual((status, said), (1, "leaf 370: not what was signed at 407 leaves"))

    def forge(self, log):
        self.log, kept = log, self.log
        def drop(entries):
            return entries[:373 - 256] + entries[372 - 256:373 - 256] + entries[374 - 256:]
        self.entries(drop)
        self.rehash()
        self.sign(log)
        self.log = kept

    def sign(self, log):
        """Signs what is there with the key of tests/auditor/write.c; the witness would not have."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        rows = []
        for n in range(4):
            with open(os.path.join(log, "tile/0", f"{n:03}" + (".p/232" if n == 3 else "")), "rb") as f:
                data = f.read()
            rows += [data[i:i + 32] for i in range(0, len(data), 32)]
        def root(row):
            if len(row) == 1:
                return row[0]
            k = 1 << (len(row) - 1).bit_length() - 1
            return hashlib.sha256(b"\1" + root(row[:k]) + root(row[k:])).digest()
        text = f"tips.example/log/15\n{len(rows)}\n{base64.b64encode(root(rows)).decode()}\n"
        with open(os.path.join(log, "key"), encoding="utf-8") as f:
            key_id = bytes.fromhex(f.read().split("+")[1])
        signature = Ed25519PrivateKey.from_private_bytes(b"\1" + bytes(31)).sign(text.encode())
        os.remove(os.path.join(log, "witness"))
        with open(os.path.join(log, "checkpoint"), "w", encoding="utf-8") as f:
            f.write(f"{text}\n\u2014 tips.example/log/15 {base64.b64encode(key_id + signature).decode()}\n")

    def test_changed_checkpoint(self):
        self.edit("checkpoint", lambda data: data.replace(b"\n1000\n", b"\n1001\n"))
        status, said = audit("log", self.log)
        self.assertEqual(status, 1)
        self.assertIn("checkpoint: signature", said)

    def test_changed_cosignature(self):
        """The log's signature holds, the witness's does not: the note is refused whole."""
        def spoil(data):
            data[-20] = ord("A") if data[-20] != ord("A") else ord("B")
            return data
        self.edit("checkpoint", spoil)
        status, said = audit("log", self.log)
        self.assertEqual(status, 1)
        self.assertIn("checkpoint: signature", said)


if __name__ == "__main__":
    main()
