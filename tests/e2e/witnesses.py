#!/usr/bin/python3
"""
The sealed log of a running daemon, and two real witnesses: what they cosign is published with it, a missing quorum
is told and ends when they are back, and a store put back together with its files is noticed by them alone.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import unittest

from tipline import BUILD, PATIENCE, Daemon, main, new_dir, tipctl, wait_for

WITNESS = os.path.join(BUILD, "tipline-witness")
TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


class Witness:
    """One tipline-witness, in a directory of its own; it keeps its port over restarts."""

    def __init__(self, name):
        self.name, self.dir, self.process, self.port = name, new_dir("tipline-w-"), None, 0
        made = subprocess.run([WITNESS, "make-key", f"{name}.example/w", self.path("key")], capture_output=True, text=True, check=True,
                              timeout=60 * PATIENCE)
        self.key = made.stdout.strip()

    def path(self, name):
        return os.path.join(self.dir, name)

    def knows(self, keys):
        write(self.path("logs"), "".join(f"log {key}\n" for key in keys) + "quorum none\n")
        return self

    def start(self):
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen([WITNESS, "--key", self.path("key"), "--logs", self.path("logs"), "--state",
                                             self.path("state"), "--listen", f"127.0.0.1:{self.port}"], stderr=log, stdin=subprocess.DEVNULL)
        self.port = wait_for(self.listens, 15, "the witness listens")
        return self

    def listens(self):
        assert self.process.poll() is None, read(self.path("log"))
        for line in read(self.path("log")).splitlines():
            if '"event":"listening"' in line and line.endswith("}"):
                return int(json.loads(line[line.index("{"):])["address"].rsplit(":", 1)[1])
        return None

    def line(self):
        return f"witness {self.name} {self.key} http://127.0.0.1:{self.port}\n"

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60 * PATIENCE)

    def close(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


class Witnessed(unittest.TestCase):
    def setUp(self):
        self.d = Daemon("log.interval_s=1", "log.witness_wait_s=1", "log.origin=tips.example", "log.level=info")
        self.d.sets.append(f"log.policy={self.file('policy')}")
        self.addCleanup(self.d.close)
        os.makedirs(self.d.state, mode=0o700)
        self.policy_text = None
        self.one, self.two = Witness("one"), Witness("two")
        self.addCleanup(self.one.close)
        self.addCleanup(self.two.close)

    def file(self, name):
        return os.path.join(os.path.dirname(self.d.state), name)

    def log(self, *names):
        return os.path.join(self.d.state, "log", "15", *names)

    def keys(self):
        return [read(path).strip() for path in sorted(glob.glob(os.path.join(self.d.state, "log/*/key")))]

    def policy(self, needed):
        write(self.file("policy"), "".join(f"log {key}\n" for key in self.keys()) + self.one.line() + self.two.line() +
              f"group g {needed} one two\nquorum g\n")

    def begin(self, needed):
        """The daemon makes its keys at a first start; witnesses get them, and it gets the witnesses."""
        self.d.sets.remove(f"log.policy={self.file('policy')}")
        self.d.start()
        wait_for(lambda: read(self.log("key")), 30, "the log has a key")
        self.d.tip(TEXT)
        wait_for(self.size, 30, "a checkpoint")
        self.d.stop()
        for witness in (self.one, self.two):
            witness.knows(self.keys()).start()
        self.policy(needed)
        self.d.sets.append(f"log.policy={self.file('policy')}")
        self.d.start()

    def size(self):
        lines = read(self.log("checkpoint")).split("\n")
        return int(lines[1]) if len(lines) > 3 else 0

    def grown(self):
        """One more tip, under a checkpoint; the size with it."""
        before = self.size()
        self.d.tip(TEXT)
        wait_for(lambda: self.size() > before, 30, "the tip is sealed")

    def whole(self, status=0):
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "log", "verify", self.log(), "--policy", self.file("policy"), "--quiet"],
                              capture_output=True, text=True, timeout=60 * PATIENCE)
        return done.returncode == status

    def missing(self):
        return self.d.metrics().get('tipline_log_quorum_missing_seconds{log="15"}', 0)

    def status(self):
        """What everybody sees of the log."""
        answer = self.d.get("/log/15/status")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def mirrored(self, name):
        """An auditor's way: the whole log over the public listener, checked with the policy."""
        def ctl(*arguments):
            done = subprocess.run([os.path.join(BUILD, "tipctl"), "log", *arguments, "--quiet"], capture_output=True, text=True,
                                  timeout=120 * PATIENCE, env=dict(os.environ, no_proxy="*"))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        ctl("fetch", f"http://{self.d.ports['public']}/log/15", self.file(name))
        ctl("verify", self.file(name), "--policy", self.file("policy"), "--state", self.file(name + ".state"), "--known",
            self.file(name + ".known"))

    def logged(self, event):
        return f'"event":"{event}"' in self.d.log()

    def test_two_of_two(self):
        self.begin("all")
        self.grown()
        wait_for(self.whole, 30, "both have cosigned")
        self.assertEqual(read(self.log("checkpoint")).count("\u2014 "), 3)
        self.assertEqual(self.missing(), 0)
        self.assertEqual((self.status()["quorum"], self.status()["quorum_missing_since"], self.status()["refusing"]), (True, None, False))
        self.mirrored("mirror")
        self.two.stop()
        self.grown()
        wait_for(self.missing, 30, "the quorum is missing")
        self.assertIs(self.status()["quorum"], False)
        self.assertIsNotNone(self.status()["quorum_missing_since"])
        self.assertTrue(self.logged("log.quorum_missing"))
        self.assertTrue(self.whole(1))
        self.assertEqual(read(self.log("checkpoint")).count("\u2014 "), 2)
        self.two.start()
        wait_for(lambda: self.missing() == 0, 90, "the quorum is met again")
        self.assertTrue(self.logged("log.quorum_met"))
        self.assertTrue(self.whole())
        self.assertIs(self.status()["quorum"], True)
        self.mirrored("mirror")

    def test_one_of_two_and_a_reload(self):
        self.begin("any")
        self.two.stop()
        self.grown()
        wait_for(self.whole, 30, "one has cosigned")
        self.assertEqual(self.missing(), 0)
        write(self.file("policy"), "log x\n")
        self.d.signal(signal.SIGHUP)
        wait_for(lambda: self.logged("log.policy_wrong"), 30, "the policy is refused")
        self.policy("all")
        self.d.signal(signal.SIGHUP)
        wait_for(self.missing, 30, "the quorum of both is missing")
        self.two.start()
        wait_for(self.whole, 90, "both have cosigned")

    def test_check_config(self):
        self.begin("all")
        self.d.stop()
        arguments = ["check-config", "--secrets", "--state", self.d.state, "--set", "log.origin=tips.example", "--set",
                     f"log.policy={self.file('policy')}"]
        self.assertEqual(tipctl(*arguments).returncode, 0)
        arguments[5] = "log.origin=tops.example"
        done = tipctl(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn("policy:1: ", done.stderr)
        write(self.file("policy"), read(self.file("policy")).replace("group g all one", "group g all three"))
        done = subprocess.run(self.d.command(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn('log.policy, ', done.stderr)
        self.assertIn('no line before this one defines "three"', done.stderr)

    def test_rolled_back_together_with_its_files(self):
        """The state directory is put back whole: nothing here remembers, the witnesses do."""
        self.begin("all")
        self.grown()
        # Nothing is left to seal, or the copy would grow by it to the size it is forbidden.
        self.d.settle()
        self.d.wait_sealed()
        wait_for(self.whole, 30, "both have cosigned")
        self.d.stop()
        shutil.copytree(self.d.state, self.file("copy"))
        self.d.start()
        for _ in range(3):
            self.grown()
        wait_for(self.whole, 30, "both have cosigned")
        last = read(self.log("checkpoint"))
        self.d.stop()
        shutil.rmtree(self.d.state)
        os.rename(self.file("copy"), self.d.state)
        before = self.size()
        # A slow machine is no witness that keeps silent.
        self.d.sets.append("log.witness_wait_s=30")
        self.d.start()
        self.d.tip(TEXT)
        wait_for(lambda: '"event":"log.witness_contradicts","log":"15"' in self.d.log(), 60, "a witness contradicts this log")
        wait_for(lambda: self.status()["refusing"], 30, "the log is refused")
        self.assertEqual(self.size(), before)
        self.assertLess(self.size(), int(last.split("\n")[1]))


main()
