#!/usr/bin/python3
"""tipctl log: files of a log, whole and tampered with in every way, before our verifier and before the one that
is not ours (tests/support/auditor): both find the same first leaf. Mirrors, proofs, and going on after a kill."""
import base64
import functools
import glob
import hashlib
import http.server
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
import time
import unittest

from tipline import BUILD, PATIENCE, ROOT, main, new_dir

WRITE = os.path.join(BUILD, "tests/auditor/write")
TIPCTL = os.path.join(BUILD, "tipctl")
LIBRARY = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"
WORK = new_dir("tipline-logcheck-")
AUDITOR = os.path.join(WORK, "auditor")
SIZE, STEP, ENTRY = 1000, 37, 70
LONG = int(os.environ.get("TIPLINE_LEAVES", "60000"))


def setUpModule():
    if shutil.which("go") and os.path.isdir(LIBRARY):
        environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=os.path.join(WORK, "cache"), GOFLAGS="-p=2")
        subprocess.run(["go", "build", "-o", AUDITOR, "."], cwd=os.path.join(ROOT, "tests/support/auditor"), env=environment, check=True,
                       timeout=300 * PATIENCE)
    write("steps", SIZE, STEP)


def tearDownModule():
    shutil.rmtree(WORK, ignore_errors=True)


def write(name, size, step):
    subprocess.run([WRITE, os.path.join(WORK, name), str(size), str(step)], check=True, timeout=120 * PATIENCE)
    return os.path.join(WORK, name)


def run(*arguments, **more):
    return subprocess.run([TIPCTL, "log", *arguments], capture_output=True, text=True, timeout=120 * PATIENCE, **more)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def put(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


class Case(unittest.TestCase):
    """A copy of a log of 1000 leaves, signed every 37."""

    def setUp(self):
        self.top = os.path.join(WORK, self.id().rsplit(".", 1)[1])
        self.log = os.path.join(self.top, "log")
        shutil.copytree(os.path.join(WORK, "steps"), self.log)
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.log, *parts)

    def beside(self, name):
        return os.path.join(self.top, name)

    def old(self, *sizes):
        files = [self.path("checkpoints", str(size)) for size in sizes] or glob.glob(self.path("checkpoints/*"))
        return [word for file in files for word in ("--checkpoint", file)]

    def edit(self, name, change):
        put(self.path(name), bytes(change(bytearray(read(self.path(name))))))

    def whole(self, *more, says="whole: 1000 leaves"):
        done = run("verify", self.log, *more)
        self.assertEqual((done.returncode, done.stdout[:len(says)]), (0, says), done.stdout + done.stderr)
        return done

    def found(self, leaf, words, *more, status=1):
        done = run("verify", self.log, *more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertTrue(done.stdout.startswith(f"leaf {leaf}: "), done.stdout + done.stderr)
        self.assertIn(words, done.stdout)
        self.second(done.stdout, more)
        return done

    def second(self, said, more):
        """The same words from the verifier that is not ours, where it can be asked the same."""
        if os.path.exists(AUDITOR) and not {"--state", "--known", "--policy"} & set(more):
            olds = [file for word, file in zip(more, more[1:]) if word == "--checkpoint"]
            other = subprocess.run([AUDITOR, "log", self.log, *olds], capture_output=True, text=True, timeout=60 * PATIENCE)
            self.assertEqual((other.returncode, other.stdout), (1, said))

    def entries(self, change, name="tile/entries/001"):
        def edit(data):
            rows = [bytes(data[i + 2:i + ENTRY]) for i in range(0, len(data), ENTRY)]
            return b"".join(struct.pack(">H", len(e)) + e for e in change(rows))
        self.edit(name, edit)

    def flip(self, leaf):
        def change(data):
            data[ENTRY * (leaf % 256) + 44] ^= 1
            return data
        self.edit("tile/entries/" + (f"{leaf // 256:03}" if leaf < 768 else "003.p/232"), change)

    def rows(self):
        for n in range(4):
            name = f"{n:03}" + (".p/232" if n == 3 else "")
            data = read(self.path("tile/entries", name))
            yield n, name, [hashlib.sha256(b"\0" + data[i + 2:i + ENTRY]).digest() for i in range(0, len(data), ENTRY)]

    def rehash(self):
        """All tiles anew from the entries, by the definition."""
        tops = []
        for n, name, row in self.rows():
            put(self.path("tile/0", name), b"".join(row))
            while len(row) > 1 and n < 3:
                row = [hashlib.sha256(b"\1" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
            tops += row if n < 3 else []
        put(self.path("tile/1/000.p/3"), b"".join(tops))

    def sign(self):
        """With the key of tests/auditor/write.c, over what is there; the witness would not have."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        def root(row):
            if len(row) == 1:
                return row[0]
            k = 1 << (len(row) - 1).bit_length() - 1
            return hashlib.sha256(b"\1" + root(row[:k]) + root(row[k:])).digest()
        row = [leaf for _, _, leaves in self.rows() for leaf in leaves]
        text = f"tips.example/log/15\n{len(row)}\n{base64.b64encode(root(row)).decode()}\n"
        key_id = bytes.fromhex(read(self.path("key")).decode().split("+")[1])
        signature = Ed25519PrivateKey.from_private_bytes(b"\1" + bytes(31)).sign(text.encode())
        os.remove(self.path("witness"))
        put(self.path("checkpoint"), f"{text}\n\u2014 tips.example/log/15 {base64.b64encode(key_id + signature).decode()}\n")

    def fork(self):
        """The log's own key signs a second tree: leaf 373 is left out, the one before stands twice."""
        self.entries(lambda e: e[:373 - 256] + e[372 - 256:373 - 256] + e[374 - 256:])
        self.rehash()
        shutil.copytree(self.path("checkpoints"), self.beside("before"))
        self.sign()


class Tampered(Case):
    def test_whole(self):
        self.whole()
        self.whole(*self.old(), says="whole: 1000 leaves, 28 older checkpoints")

    def test_changed(self):
        for leaf in (0, 255, 256, 300, 767, 768, 999):
            with self.subTest(leaf=leaf):
                self.flip(leaf)
                self.found(leaf, "entry and hash differ")
                self.flip(leaf)

    def test_removed(self):
        self.entries(lambda e: e[:100] + e[101:])
        self.found(356, "entry and hash differ")

    def test_removed_at_the_end(self):
        self.entries(lambda e: e[:255])
        self.found(511, "entries are cut")

    def test_swapped(self):
        self.entries(lambda e: e[:10] + [e[20]] + e[11:20] + [e[10]] + e[21:])
        self.found(266, "entry and hash differ")

    def test_cut(self):
        self.edit("tile/entries/003.p/232", lambda data: data[:ENTRY * 50 + 30])
        self.found(818, "entries are cut")

    def test_hashes_cut(self):
        self.edit("tile/0/002", lambda data: data[:32 * 7 + 5])
        self.found(519, "hashes are cut")

    def test_files_removed(self):
        for name, leaf, words in (("tile/entries/002", 512, "entries are missing"), ("tile/0/001", 256, "hashes are missing"),
                                  ("tile/1/000.p/3", 0, "hashes are missing")):
            with self.subTest(name=name):
                kept = read(self.path(name))
                os.remove(self.path(name))
                self.found(leaf, words)
                put(self.path(name), kept)

    def test_tile_changed(self):
        def flip(data):
            data[32 * 2] ^= 1
            return data
        self.edit("tile/1/000.p/3", flip)
        self.found(512, "differs from what the leaves give")

    def test_two_faults_and_the_first_is_named(self):
        """A changed entry far behind a changed hash above: the hash stands over earlier leaves."""
        def flip(data):
            data[32 * 1] ^= 1
            return data
        self.edit("tile/1/000.p/3", flip)
        self.flip(900)
        done = run("verify", self.log)
        self.assertEqual(done.stdout, "leaf 256: tile/1/000.p/3 differs from what the leaves give\n")

    def test_recomputed(self):
        self.flip(300)
        self.rehash()
        self.found(0, "not what was signed at 1000 leaves")
        self.found(296, "not what was signed at 333 leaves", *self.old())

    def test_forked(self):
        self.fork()
        self.whole()
        self.log, here = self.beside("other"), self.log
        os.mkdir(self.log)
        for name in ("key", "checkpoint", "tile"):
            os.symlink(os.path.join(here, name), self.path(name))
        shutil.copytree(self.beside("before"), self.path("checkpoints"))
        done = run("verify", self.log, *self.old())
        self.assertEqual((done.returncode, done.stdout), (1, "leaf 370: not what was signed at 407 leaves\n"))

    def test_rolled_back(self):
        newest = os.path.join(WORK, "steps/checkpoint")
        shutil.copy(self.path("checkpoints/962"), self.path("checkpoint"))
        self.whole(says="whole: 962 leaves")
        self.found(962, "rolled back: a checkpoint of 1000 leaves was signed", "--checkpoint", newest)

    def test_checkpoint_changed(self):
        self.edit("checkpoint", lambda data: data.replace(b"\n1000\n", b"\n1001\n"))
        done = run("verify", self.log)
        self.assertEqual((done.returncode, done.stdout[:21]), (1, "checkpoint: signature"))

    def test_another_key(self):
        other = read(self.path("key")).replace(b"tips.example", b"tops.example")
        done = run("verify", self.log, "--key", other.decode())
        self.assertEqual(done.returncode, 1)
        done = run("verify", self.log, "--key", read(self.path("key")).decode())
        self.assertEqual(done.returncode, 0)


class Policy(Case):
    def policy(self, text):
        put(self.beside("policy"), text.format(log=read(self.path("key")).decode(), witness=read(self.path("witness")).decode(),
                                               absent="absent.example/w+00000000+BAAA"))
        return self.beside("policy")

    def test_quorum(self):
        policy = self.policy("log {log}\nwitness w {witness}\nquorum w\n")
        self.whole("--policy", policy, *self.old())
        self.edit("checkpoint", lambda data: data[:data.rindex("\u2014".encode())])
        done = run("verify", self.log, "--policy", policy)
        self.assertEqual(done.returncode, 1)
        self.assertIn("checkpoint: too few witnesses have cosigned", done.stdout)
        self.whole()

    def test_forged_cosignature(self):
        def spoil(data):
            data[-20] = ord("A") if data[-20] != ord("A") else ord("B")
            return data
        self.edit("checkpoint", spoil)
        done = run("verify", self.log, "--policy", self.policy("log {log}\nwitness w {witness}\nquorum none\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("checkpoint: signature", done.stdout)

    def test_complaints_name_the_line(self):
        done = run("verify", self.log, "--policy", self.policy("log {log}\n\nwitness w\nquorum w\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("policy:3: ", done.stderr)


class GoingOn(Case):
    """With --state a run goes on where the last one ended."""

    def at(self, size):
        shutil.copy(self.path("checkpoints", str(size)), self.path("checkpoint"))

    def state(self):
        return ["--state", self.beside("state")]

    def reached(self):
        lines = read(self.beside("state")).decode().splitlines()
        return [int(line.split(" ")[1]) for line in lines if line.startswith(("proven ", "reached "))]

    def test_sizes(self):
        for size in (37, 74, 259, 518, 777, 962, 1000, 1000):
            with self.subTest(size=size):
                self.at(size)
                self.whole(*self.state(), says=f"whole: {size} leaves")
                self.assertEqual(self.reached(), [size, size])

    def test_goes_on_indeed(self):
        """What was walked is not read again; a run without the state reads all."""
        self.at(777)
        self.whole(*self.state(), says="whole: 777 leaves")
        self.at(1000)
        self.flip(100)
        self.whole(*self.state())
        self.found(100, "entry and hash differ")

    def test_fault_behind(self):
        self.at(777)
        self.whole(*self.state(), says="whole: 777 leaves")
        self.at(1000)
        self.flip(900)
        self.found(900, "entry and hash differ", *self.state())
        self.assertEqual(self.reached()[0], 777)
        self.flip(900)
        self.whole(*self.state())

    def test_rolled_back(self):
        self.whole(*self.state())
        self.at(962)
        self.found(962, "rolled back: a log of 1000 leaves was verified before", *self.state())

    def test_forked_before_it_was_seen(self):
        """The fork begins below what was verified: each of its subtrees still tells."""
        self.at(777)
        self.whole(*self.state(), says="whole: 777 leaves")
        self.at(1000)
        self.fork()
        self.found(0, "not what was verified before at 512 leaves", *self.state())
        before = [word for size in range(37, 1000, 37) for word in ("--checkpoint", os.path.join(self.beside("before"), str(size)))]
        self.found(370, "not what was signed at 407 leaves", *self.state(), *before)
        self.assertEqual(self.reached(), [777, 777])

    def test_forked_behind(self):
        self.at(333)
        self.whole(*self.state(), says="whole: 333 leaves")
        self.at(1000)
        self.fork()
        self.whole(*self.state())

    def test_another_key_than_before(self):
        self.whole(*self.state())
        put(self.beside("state"), read(self.beside("state")).replace(b"proven 1000 ", b"proven 1001 "))
        done = run("verify", self.log, *self.state())
        self.assertEqual(done.returncode, 1)
        self.assertIn("not the state of a verification", done.stderr)

    def test_known(self):
        """The checkpoints seen are kept by themselves, and are evidence of a fork."""
        known = ["--known", self.beside("known")]
        for older, size in ((0, 370), (1, 407), (2, 407), (2, 1000)):
            self.at(size)
            self.whole(*known, says=f"whole: {size} leaves, {older} older")
        self.assertEqual(read(self.beside("known")), b"".join(read(self.path("checkpoints", str(size))) for size in (370, 407, 1000)))
        self.fork()
        self.found(370, "not what was signed at 407 leaves", *known)
        self.assertEqual(read(self.beside("known")).count(b"\n1000\n"), 1)

    def test_killed(self):
        """Killed at any moment, the next run ends the work, from where the state says."""
        log = os.path.join(WORK, "long")
        if not os.path.isdir(log):
            write("long", LONG, LONG)
        for wait in (0.0, 0.003, 0.01, 0.03):
            process = subprocess.Popen([TIPCTL, "log", "verify", log, "--quiet", *self.state()], stdout=subprocess.DEVNULL)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            done = run("verify", log, "--quiet", *self.state())
            self.assertEqual((done.returncode, done.stdout), (0, f"whole: {LONG} leaves, 0 older checkpoints\n"), done.stderr)
            self.assertEqual(self.reached(), [LONG, LONG])


class Proofs(Case):
    def test_prove_and_check(self):
        key = self.path("key")
        for index in (0, 1, 255, 256, 500, 999):
            with self.subTest(index=index):
                made = run("prove", self.log, str(index), "--leaf", self.beside("leaf"))
                self.assertEqual(made.returncode, 0, made.stderr)
                self.assertEqual(len(read(self.beside("leaf"))), ENTRY - 2)
                put(self.beside("proof"), made.stdout)
                done = run("check", self.beside("proof"), "--key", key)
                self.assertEqual((done.returncode, done.stdout.split("\n")[0]),
                                 (0, f"the proof holds: leaf {index} of 1000 in tips.example/log/15"))
                self.assertEqual(run("check", "-", "--key", key, input=made.stdout).returncode, 0)
                if os.path.exists(AUDITOR):
                    other = subprocess.run([AUDITOR, "receipt", self.log, self.beside("proof"), self.beside("leaf")],
                                           capture_output=True, text=True, timeout=60 * PATIENCE)
                    self.assertEqual(other.returncode, 0, other.stdout)
        other = run("prove", self.log, "3", "--leaf", self.beside("other"))
        self.assertEqual(other.returncode, 0)
        done = run("check", self.beside("proof"), "--key", key, "--leaf", self.beside("other"))
        self.assertEqual((done.returncode, done.stdout), (1, "the proof does not hold: this leaf does not stand there\n"))

    def test_what_does_not_hold(self):
        receipt, leaf = self.path("receipts/500.tlog-proof"), self.path("receipts/500.leaf")
        put(self.beside("policy"), f"log {read(self.path('key')).decode()}\nwitness w {read(self.path('witness')).decode()}\nquorum w\n")
        self.assertEqual(run("check", receipt, "--policy", self.beside("policy"), "--leaf", leaf).returncode, 0)
        proof = read(receipt)
        put(self.beside("less"), proof[:proof.rindex("\u2014".encode())])
        done = run("check", self.beside("less"), "--policy", self.beside("policy"), "--leaf", leaf)
        self.assertEqual((done.returncode, "too few witnesses" in done.stdout), (1, True))
        other = read(self.path("key")).replace(b"tips.example", b"tops.example").decode()
        for arguments in ((receipt, "--key", other), (receipt,), (receipt, "--key", self.path("key"), "--policy", "x"), (leaf, "--key", self.path("key"))):
            self.assertIn(run("check", *arguments).returncode, (1, 2))
        self.assertEqual(run("prove", self.log, "1000").returncode, 1)
        self.flip(500)
        self.assertEqual(run("prove", self.log, "500").returncode, 1)

    def test_openings(self):
        """Each shows its fields; that of another leaf, and one with another value, do not."""
        lines = dict(line.split(" ", 1) for line in read(self.path("opened")).decode().splitlines())
        receipt, leaf = self.path("receipts/500.tlog-proof"), self.path("receipts/500.leaf")

        def check(opening):
            put(self.beside("opening"), opening)
            return run("check", receipt, "--key", self.path("key"), "--leaf", leaf, "--opening", self.beside("opening"))
        for ending in ("", "\n"):
            done = check(lines["500"] + ending)
            self.assertEqual(done.returncode, 0, done.stdout)
            for name, value in re.findall(r"(?:^| )([a-z]+)=([^:]*):", lines["500"]):
                self.assertIn(f"\n{name}: {value}\n", done.stdout)
            self.assertEqual(len(done.stdout.splitlines()) - 2, len(re.findall(r"(?:^| )[a-z]+=", lines["500"])))
        for opening in (lines["501"], re.sub(r"((?:^| )[a-z]+=)[^:]*:", r"\1other:", lines["500"], count=1), "", lines["500"] + "\n\n", "x" * 2000):
            self.assertEqual(check(opening).returncode, 1, opening)

    def test_keys(self):
        key = read(self.path("key")).decode()
        for argument in (key, self.path("key"), self.log):
            done = run("key", argument)
            self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (0, key))
            self.assertIn("log tips.example/log/15, key id ", done.stdout)
        self.assertIn("witness witness.example, ", run("key", self.path("witness")).stdout)
        self.assertEqual(run("key", self.path("checkpoint")).returncode, 1)

    def test_usage(self):
        for command in ("verify", "fetch", "key", "prove", "check"):
            done = run(command, "--help")
            self.assertEqual((done.returncode, done.stdout[:18 + len(command)]), (0, f"usage: tipctl log {command}"))
            self.assertEqual(run(command, "--nothing").returncode, 2)
        self.assertEqual(run("nothing").returncode, 2)


class Server(http.server.ThreadingHTTPServer):
    """Serves a directory; `broken` names what it does not, `spoilt` what it serves with other bytes."""
    daemon_threads = True

    def __init__(self, directory):
        self.broken, self.spoilt, self.asked = set(), {}, []
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=directory))
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, *_):
        """A client that hung up."""

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.lstrip("/")
        self.server.asked.append(name)
        if name in self.server.broken or (name == "openings" and name not in self.server.spoilt):
            self.send_error(404)
        elif name in self.server.spoilt:
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.spoilt[name])))
            self.end_headers()
            self.wfile.write(self.server.spoilt[name])
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


class Mirror(Case):
    def setUp(self):
        super().setUp()
        self.server = Server(self.log)
        self.addCleanup(self.server.close)
        self.mirror = self.beside("mirror")

    def fetch(self, status=0, words=""):
        self.server.asked.clear()
        done = run("fetch", self.server.url(), self.mirror, "--quiet", env=dict(os.environ, no_proxy="*"))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(words, done.stdout + done.stderr)

    def at(self, size):
        shutil.copy(self.path("checkpoints", str(size)), self.path("checkpoint"))

    def test_whole_and_grown(self):
        self.at(333)
        self.fetch(words="complete: 333 leaves, 5 files")
        self.at(1000)
        self.fetch(words="complete: 1000 leaves")
        self.assertNotIn("tile/0/000", self.server.asked)
        done = run("verify", self.mirror, *self.old())
        self.assertEqual((done.returncode, done.stdout), (0, "whole: 1000 leaves, 28 older checkpoints\n"))
        self.fetch(words="0 files")

    def test_interrupted(self):
        self.server.broken = {"tile/entries/002"}
        self.fetch(1, "tile/entries/002 is not served")
        self.assertFalse(os.path.exists(os.path.join(self.mirror, "checkpoint")))
        self.server.broken = set()
        self.fetch()
        self.assertNotIn("tile/entries/001", self.server.asked)
        self.assertEqual(run("verify", self.mirror).returncode, 0)

    def test_openings_go_along(self):
        """What was opened is taken once, the note last; a month that is cut short is taken again."""
        self.server.spoilt = {"openings": b'{"log":"15","months":["2026-11","2026-12"]}'}
        self.server.broken = {"openings/2026-12.figures"}
        self.fetch(1, "openings/2026-12.figures is not served")
        self.assertEqual(run("recount", self.mirror).stdout.splitlines()[0], "whole: 2026-11, 500 leaves, 3 rows")
        self.server.broken = set()
        self.fetch(words="3 files fetched, 1 months among them")
        self.assertNotIn("openings/2026-11", self.server.asked)
        self.assertEqual(run("recount", self.mirror, "--print").stdout, run("recount", self.log, "--print").stdout)
        self.fetch(words="0 files fetched, 0 months")
        for wrong in (b"", b"[]", b'{"months":[1]}', b'{"months":["../checkpoint"]}', b'{"months":["2026-13"]}', b'{"months":{}}'):
            self.server.spoilt = {"openings": wrong}
            self.fetch(1, "openings is no list of months")

    def test_cut_file_is_fetched_again(self):
        self.fetch()
        cut = os.path.join(self.mirror, "tile/entries/001")
        os.chmod(cut, 0o600)
        put(cut, read(cut)[:5000])
        self.fetch(words="1 files")
        self.assertEqual(run("verify", self.mirror).returncode, 0)

    def test_narrow_tile_gone(self):
        """The log grew while it was fetched: the full tile is taken, and its start is enough."""
        self.at(259)
        shutil.rmtree(self.path("tile/entries/001.p"))
        shutil.rmtree(self.path("tile/0/001.p"))
        self.fetch()
        self.assertEqual(run("verify", self.mirror).stdout, "whole: 259 leaves, 0 older checkpoints\n")

    def test_refusals(self):
        self.at(962)
        self.fetch()
        before = read(os.path.join(self.mirror, "checkpoint"))
        self.at(925)
        self.fetch(1, "rolled back: the mirror has 962 leaves, and 925 are served")
        self.at(1000)
        self.server.spoilt = {"key": read(self.path("witness"))}
        self.fetch(1, "no key of a log")
        self.server.spoilt = {"key": read(self.path("key")).replace(b"+f47de99c+", b"+00000000+")}
        self.fetch(1, "no key")
        self.server.spoilt = {"checkpoint": read(self.path("checkpoint")).replace(b"\n1000\n", b"\n1001\n")}
        self.fetch(1, "checkpoint: signature")
        self.server.spoilt = {"checkpoint": b"x" * 300000}
        self.fetch(1, "has more than")
        self.server.spoilt = {"tile/entries/003.p/232": b"\0\1x" * 231}
        self.fetch(1, "is cut")
        self.server.spoilt = {"tile/0/003.p/232": b"x" * (232 * 32 + 1)}
        self.fetch(1, "has more than")
        self.assertEqual(read(os.path.join(self.mirror, "checkpoint")), before)
        self.server.spoilt = {}
        self.fetch()
        self.assertEqual(run("verify", self.mirror).returncode, 0)


main()
