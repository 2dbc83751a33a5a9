#!/usr/bin/python3
"""tipline-witness as a log speaks with it: what it cosigns, what it refuses with which answer, and that no
kill makes it cosign two trees of one size. Keys, trees and proofs are made here, with nothing of the program's."""
import base64
import hashlib
import http.client
import json
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import threading
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tipline import BUILD, PATIENCE, main, new_dir, request as request_at, wait_for

PROGRAM = os.path.join(BUILD, "tipline-witness")
ORIGIN = "tips.example/log/15"
KILLS = int(os.environ.get("TIPLINE_KILLS", "20"))


# --- the log's side ----------------------------------------------------------------------------------

def root(row):
    if not row:
        return hashlib.sha256(b"").digest()
    if len(row) == 1:
        return row[0]
    k = 1 << (len(row) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(row[:k]) + root(row[k:])).digest()


def subproof(m, row, whole):
    """RFC 6962, section 2.1.2."""
    if m == len(row):
        return [] if whole else [root(row)]
    k = 1 << (len(row) - 1).bit_length() - 1
    if m <= k:
        return subproof(m, row[:k], whole) + [root(row[k:])]
    return subproof(m - k, row[k:], False) + [root(row[:k])]


def leaves(n, fork=None):
    """n leaves; those of another tree from number `fork` on."""
    return [hashlib.sha256(b"\0%d %d" % (i, fork is not None and i >= fork)).digest() for i in range(n)]


class Key:
    def __init__(self, name, number, kind=1):
        self.name, self.kind = name, kind
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + self.public).digest()[:4]

    def text(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def line(self, text):
        return f"\u2014 {self.name} {base64.b64encode(self.id + self.private.sign(text.encode())).decode()}\n"


LOG = Key(ORIGIN, 1)


def body(row, origin=ORIGIN):
    return f"{origin}\n{len(row)}\n{base64.b64encode(root(row)).decode()}\n"


def request(old, row, key=LOG, proof=None, text=None):
    """The request that the log makes when it grew from `old` leaves to those."""
    if proof is None:
        proof = subproof(old, row, True) if 0 < old < len(row) else []
    text = text or body(row)
    hashes = "".join(base64.b64encode(h).decode() + "\n" for h in proof)
    return f"old {old}\n{hashes}\n{text}\n{key.line(text)}"


# --- the witness -----------------------------------------------------------------------------------------

class Witness:
    def __init__(self):
        self.dir = new_dir("tipline-witness-")
        self.process = None
        made = self.run("make-key", "witness.example/w1", self.path("key"))
        self.key = made.stdout.strip()
        name, key_id, material = self.key.split("+", 2)
        self.name, self.id = name, bytes.fromhex(key_id)
        self.public = Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])
        with open(self.path("logs"), "w", encoding="utf-8") as f:
            f.write(f"# the logs\nlog {LOG.text()}\nquorum none\n")

    def path(self, name):
        return os.path.join(self.dir, name)

    def run(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60 * PATIENCE)

    def arguments(self):
        return ["--key", self.path("key"), "--logs", self.path("logs"), "--state", self.path("state"), "--listen", "127.0.0.1:0"]

    def start(self):
        log = open(self.path("log"), "wb")
        with log:
            self.process = subprocess.Popen([PROGRAM, *self.arguments()], stderr=log, stdin=subprocess.DEVNULL)
        self.port = wait_for(self.listens, 15, "the witness listens")

    def listens(self):
        assert self.process.poll() is None, self.log()
        for line in self.log().splitlines():
            event = json.loads(line[line.index("{"):])
            if event["event"] == "listening":
                return int(event["address"].rsplit(":", 1)[1])
        return None

    def log(self):
        with open(self.path("log"), encoding="utf-8") as f:
            return f.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60 * PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.dir)

    def ask(self, data, method="POST", path="/add-checkpoint"):
        answer = request_at(f"127.0.0.1:{self.port}", method, path, data.encode() if isinstance(data, str) else data)
        return answer.status, answer.headers.get("Content-Type"), answer.body.decode()

    def check(self, line, text):
        """The time of a cosignature that holds; raises otherwise."""
        dash, name, signature = line.rstrip("\n").split(" ")
        assert dash == "\u2014" and name == self.name and line.endswith("\n") and line.count("\n") == 1, line
        raw = base64.b64decode(signature, validate=True)
        assert raw[:4] == self.id and len(raw) == 76
        when = struct.unpack(">Q", raw[4:12])[0]
        self.public.verify(raw[12:], f"cosignature/v1\ntime {when}\n{text}".encode())
        return when


class Case(unittest.TestCase):
    def setUp(self):
        self.witness = Witness()
        self.addCleanup(self.witness.close)

    def signed(self, old, row):
        status, kind, line = self.witness.ask(request(old, row))
        self.assertEqual((status, kind), (200, "text/plain; charset=utf-8"), line)
        return self.witness.check(line, body(row))

    def refused(self, status, data, text=None, kind=None):
        answer = self.witness.ask(data)
        self.assertEqual(answer[0], status, answer)
        if text is not None:
            self.assertEqual(answer[1:], (kind, text))


class Speaking(Case):
    def setUp(self):
        super().setUp()
        self.witness.start()

    def test_a_log_that_grows(self):
        sizes = [0, 0, 1, 2, 3, 3, 8, 9, 64, 100, 257, 257]
        for old, new in zip([0] + sizes, sizes):
            when = self.signed(old, leaves(new))
            self.assertLess(abs(when - time.time()), 60)

    def test_refusals(self):
        row = leaves(20)
        self.signed(0, row)
        conflict = {"text": "20\n", "kind": "text/x.tlog.size"}
        self.refused(409, request(0, leaves(30)), **conflict)
        self.refused(409, request(19, leaves(30)), **conflict)
        self.refused(409, request(20, leaves(20, fork=4)), **conflict)
        self.refused(422, request(20, leaves(30, fork=4)))
        self.refused(422, request(20, leaves(30), proof=[]))
        self.refused(422, request(20, leaves(30), proof=subproof(20, leaves(30), True) + [bytes(32)]))
        self.refused(422, request(20, leaves(20), proof=[bytes(32)]))
        self.refused(400, request(20, leaves(19), proof=[]))
        self.refused(403, request(20, leaves(30), key=Key(ORIGIN, 2)))
        self.refused(404, request(0, leaves(30), text=body(leaves(30), "other.example/log"), key=Key("other.example/log", 1)))
        self.signed(20, leaves(30))

    def test_malformed(self):
        good = request(0, leaves(5))
        for bad in ("", "old 0\n", good[:-1], good.replace("old 0", "old 00"), good.replace("old 0", "new 0"), good.replace("\n\n", "\n"),
                    good.replace("\n5\n", "\n05\n"), "old 0\n" + "A" * 43 + "=\n" * 64 + good, good.encode().replace(b"\xe2\x80\x94", b"-")):
            self.refused(400, bad)
        self.refused(413, b"x" * (1 << 22))
        self.assertEqual(self.witness.ask("", method="GET")[0], 405)
        self.assertEqual(self.witness.ask(good, path="/")[0], 404)
        self.signed(0, leaves(5))

    def test_changed_bytes(self):
        """No request with one byte changed is cosigned, unless it is the same request."""
        good = request(0, leaves(5)).encode()
        chance = random.Random(5)
        for _ in range(200):
            at = chance.randrange(6, len(good))
            bad = bytearray(good)
            bad[at] ^= 1 << chance.randrange(7)
            self.assertIn(self.witness.ask(bytes(bad))[0], (400, 403, 404), bytes(bad))

    def test_state_outlives_it(self):
        self.signed(0, leaves(20))
        self.assertEqual(self.witness.stop(), 0)
        self.witness.start()
        self.refused(409, request(0, leaves(20, fork=3)), "20\n", "text/x.tlog.size")
        self.signed(20, leaves(21))

    def test_many_at_once(self):
        """Forty ask for two trees at once: all that is cosigned is one line of growth."""
        rows = {fork: leaves(40, fork) for fork in (None, 3)}
        signed = {}

        def ask(fork, size):
            try:
                status, _, line = self.witness.ask(request(0, rows[fork][:size]))
            except (OSError, http.client.HTTPException):
                return   # there are more of them than one address may have connections
            if status == 200:
                self.witness.check(line, body(rows[fork][:size]))
                signed.setdefault(size, set()).add(root(rows[fork][:size]))
        threads = [threading.Thread(target=ask, args=(fork, size)) for size in range(20, 40) for fork in rows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sum(map(len, signed.values())), 1)

    def test_a_full_disk_is_no_cosignature(self):
        self.signed(0, leaves(4))
        pid = self.witness.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        self.refused(500, request(4, leaves(9)))
        self.signed(4, leaves(4))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
        self.refused(409, request(0, leaves(9)), "4\n", "text/x.tlog.size")
        self.signed(4, leaves(9))


class Kills(Case):
    def test_no_kill_makes_it_sign_two_trees_of_one_size(self):
        """A log that lies: it asks for a tree, the witness is killed, and it asks for another of the same size."""
        chance = random.Random(int(os.environ.get("TIPLINE_SEED", "1")))
        self.signatures, size, row = {}, 0, []
        for _ in range(KILLS):
            self.witness.start()
            ways = [row + leaves(8 + size)[size:], row + leaves(8 + size, fork=0)[size:]]
            chance.shuffle(ways)
            asker = threading.Thread(target=self.try_to_get, args=(size, ways[0]))
            asker.start()
            time.sleep(chance.random() * 0.004)
            self.witness.kill()
            asker.join()
            self.witness.start()
            status, _, line = self.witness.ask(request(size, ways[1]))
            self.assertIn(status, (200, 409), line)
            if status == 200:
                self.note(line, ways[1])
                row = ways[1]
            else:
                self.assertEqual(line, f"{size + 8}\n")
                row = ways[0]
            size += 8
            # Whatever became of the first request, the saved tree can be had, and no other.
            self.note(self.witness.ask(request(size, row))[2], row)
            self.witness.kill()
        self.assertEqual([size for size, roots in self.signatures.items() if len(roots) > 1], [], "sizes with two trees")
        self.assertEqual(len(self.signatures), KILLS)

    def note(self, line, row):
        self.witness.check(line, body(row))
        self.signatures.setdefault(len(row), set()).add(root(row))

    def try_to_get(self, size, row):
        try:
            status, _, line = self.witness.ask(request(size, row))
        except (OSError, http.client.HTTPException):
            return
        self.assertEqual(status, 200)
        self.note(line, row)


class Starting(Case):
    def test_keys(self):
        shown = self.witness.run("show-key", self.witness.path("key"))
        self.assertEqual(shown.stdout.strip(), self.witness.key)
        self.assertEqual(os.stat(self.witness.path("key")).st_mode & 0o777, 0o600)
        again = self.witness.run("make-key", "witness.example/w1", self.witness.path("key"))
        self.assertEqual(again.returncode, 1)
        self.assertEqual(self.witness.run("show-key", self.witness.path("key")).stdout, shown.stdout)
        self.assertEqual(self.witness.run("make-key", "a name", self.witness.path("other")).returncode, 2)
        with open(self.witness.path("key"), encoding="utf-8") as f:
            self.assertNotIn(f.read(), shown.stdout)

    def test_what_keeps_it_from_starting(self):
        def refused(status, words):
            done = self.witness.run(*self.witness.arguments())
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr)
        self.witness.start()
        refused(1, "state")
        self.signed(0, leaves(5))
        self.witness.stop()
        state = self.witness.path("state")
        head = next(name for name in os.listdir(state) if name.endswith(".head"))
        with open(os.path.join(state, head), "r+", encoding="utf-8") as f:
            f.truncate(9)
        refused(1, "head of this log")
        os.chmod(self.witness.path("key"), 0o644)
        refused(1, "key")
        os.chmod(self.witness.path("key"), 0o600)
        with open(self.witness.path("logs"), "a", encoding="utf-8") as f:
            f.write("witness x\n")
        refused(2, "logs:4:")

    def test_usage(self):
        for arguments, status in (((), 2), (("--help",), 0), (("--version",), 0), (("--nothing",), 2), (("word",), 2), (("make-key",), 2)):
            done = self.witness.run(*arguments)
            self.assertEqual(done.returncode, status, arguments)
            self.assertTrue(done.stdout if status == 0 else done.stderr)


main()
