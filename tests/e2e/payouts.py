#!/usr/bin/python3
"""
Payments by the real daemon to a fake provider that counts what it pays: late
successes and callbacks, kill -9 at random moments, two daemons on one Redis,
the provider away. Money goes out at most once for each reward, and what went
out is found.

The journal is begun from tests/data/money/released.jsonl, in which six rewards
have been released. TIPLINE_KILLS (2) rounds, TIPLINE_SEED for the same moments.
"""
import http.client
import json
import os
import random
import signal
import subprocess
import tempfile
import time
import unittest

from tipline import ROOT, Daemon, Redis, main, wait_for

KILLS = int(os.environ.get("TIPLINE_KILLS", "2"))
SEED = int(os.environ.get("TIPLINE_SEED", "7"))
REWARDS, FEN = 6, 850000
LEASE_S = 15   # of the treasury: so long until another process may pay


class Provider:
    def __init__(self):
        self.process = subprocess.Popen([os.path.join(ROOT, "tests/support/fake_provider.py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.port, self.control = map(int, self.process.stdout.readline().split())

    def tell(self, path, **said):
        peer = http.client.HTTPConnection("127.0.0.1", self.control, timeout=20)
        peer.request("POST", path, json.dumps(said))
        answer = json.loads(peer.getresponse().read())
        peer.close()
        return answer

    def sent(self):
        return self.tell("/sent")

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)


class Bank:
    """A store with the journal begun, a provider, and daemons on both."""

    def __init__(self):
        self.redis = Redis().start()
        self.provider = Provider()
        self.seed()
        self.key = tempfile.NamedTemporaryFile()
        os.chmod(self.key.name, 0o600)
        self.key.write(b"0123456789abcdef0123456789abcdef")
        self.key.flush()
        self.daemons = []

    def seed(self):
        with open(os.path.join(ROOT, "tests/data/money/released.jsonl"), encoding="utf-8") as f:
            for line in f:
                record = json.loads(line)
                self.redis.cli("xadd", "{money}:journal", record["seq"] + "-0", "e", line.rstrip("\n"))
                self.redis.cli("hset", "{money}:idem:" + record["key"], "print", record["print"], "seq", record["seq"])
        self.redis.cli("hset", "{money}:head", "seq", record["seq"], "hash", record["hash"], "at", record["at"])

    def daemon(self, keys=None):
        rail = {"driver": "http", "url": f"http://127.0.0.1:{self.provider.port}", "method": "wallet", "key_id": "test-1",
                "key_file": self.key.name, "not_found_is_final": "true"}
        sets = [f"payout.rails.voucher.{name}={value}" for name, value in rail.items()]
        if keys is not None:
            sets.append("keys.dir=" + os.path.join(keys.state, "keys"))
        daemon = Daemon("store.address=" + self.redis.address, *sets, demo=False)
        self.daemons.append(daemon)
        return daemon

    def records(self):
        lines = self.redis.cli("--json", "xrange", "{money}:journal", "-", "+")
        return [json.loads(fields[1]) for _, fields in json.loads(lines)]

    def attempts(self):
        """The state of each attempt, and its instruction."""
        states = {}
        for record in self.records():
            data = record["data"]
            if record["kind"] == "attempt.start":
                states[data["attempt"]] = ["CREATED", data["instruction"]]
            elif record["subject"] in states:
                states[record["subject"]][0] = data.get("attempt_to") or data.get("to") or states[record["subject"]][0]
        return states

    def count(self, state):
        return sum(1 for found, _ in self.attempts().values() if found == state)

    def close(self):
        for daemon in self.daemons:
            daemon.close()
        self.provider.stop()
        self.redis.remove()
        self.key.close()


class Payouts(unittest.TestCase):
    def setUp(self):
        self.bank = Bank()
        self.addCleanup(self.bank.close)

    def check_once(self):
        """At most once each; what is called paid was paid."""
        sent = self.bank.provider.sent()
        for state, instruction in self.bank.attempts().values():
            paid = sent.pop(instruction, {"times": 0, "fen": 0})
            self.assertLessEqual(paid["times"], 1)
            self.assertLessEqual(paid["fen"], FEN)
            if state == "SUCCEEDED":
                self.assertEqual(paid["times"], 1)
        self.assertEqual(sent, {})

    def test_pays_each_once(self):
        self.bank.daemon().start()
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 20, "all are paid")
        self.check_once()
        for record in self.bank.records():
            if record["kind"] == "attempt.send":
                self.assertEqual(len(record["data"]["body"]), 64)

    def test_callback_is_recorded_before_it_is_answered(self):
        self.bank.provider.tell("/mode", mode="accept")
        daemon = self.bank.daemon().start()
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "all are accepted")
        instruction = list(self.bank.attempts().values())[0][1]
        url = f"http://{daemon.ports['public']}/hooks/"
        call = {"id": instruction, "states": ["succeeded"]}
        self.bank.provider.tell("/settle", id=instruction, state="succeeded")
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "voucher", bad="1", **call), [401])
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "nobody", **call), [404])
        self.assertEqual(self.bank.count("SUCCEEDED"), 0)
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "voucher", times=3, **call), [204, 204, 204])
        told = [r for r in self.bank.records() if r["data"].get("by") == "webhook"]
        self.assertEqual(len(told), 1)
        self.assertEqual(self.bank.count("SUCCEEDED"), 1)
        self.check_once()

    def test_callback_while_the_journal_is_away(self):
        self.bank.provider.tell("/mode", mode="accept")
        daemon = self.bank.daemon().start()
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "all are accepted")
        instruction = list(self.bank.attempts().values())[0][1]
        url = f"http://{daemon.ports['public']}/hooks/voucher"
        self.bank.provider.tell("/settle", id=instruction, state="succeeded")
        self.bank.redis.signal(signal.SIGSTOP)
        self.assertEqual(self.bank.provider.tell("/callback", url=url, id=instruction, states=["succeeded"]), [503])
        self.bank.redis.signal(signal.SIGCONT)
        wait_for(lambda: self.bank.provider.tell("/callback", url=url, id=instruction, states=["succeeded"]) == [204], 20,
                 "it is taken again")
        self.assertEqual(self.bank.count("SUCCEEDED"), 1)
        self.check_once()

    def test_provider_away_and_back(self):
        self.bank.provider.tell("/refuse", on=True)
        self.bank.daemon().start()
        wait_for(lambda: self.bank.count("UNKNOWN") >= 5, 20, "the first are tried")
        self.bank.provider.tell("/refuse", on=False)
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 90, "all are paid")
        self.check_once()

    def test_kill_9(self):
        """What was killed between record and request stays unknown for ten minutes: longer than is waited for here."""
        dice = random.Random(SEED)
        daemon = self.bank.daemon()
        for _ in range(KILLS):
            daemon.start(ready=False)
            end = time.monotonic() + LEASE_S + 10
            before = len(self.bank.records())
            while len(self.bank.records()) == before and time.monotonic() < end:
                time.sleep(0.005)
            time.sleep(dice.random() * 0.05)
            daemon.kill()
            self.check_once()
        daemon.start()
        wait_for(lambda: all(state in ("SUCCEEDED", "UNKNOWN") for state, _ in self.bank.attempts().values()) and
                 len(self.bank.attempts()) == REWARDS, LEASE_S + 20, "all are sent")
        sent = self.bank.provider.sent()
        wait_for(lambda: self.bank.count("SUCCEEDED") == len(sent), 20, "what was paid is found")
        self.check_once()

    def test_two_daemons(self):
        first = self.bank.daemon().start()
        second = self.bank.daemon(keys=first).start()
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 30, "all are paid")
        self.check_once()
        sends = [r["subject"] for r in self.bank.records() if r["kind"] == "attempt.send"]
        self.assertEqual(len(sends), len(set(sends)))
        self.assertEqual(sum('"event":"payout.dispatches"' in d.log() for d in (first, second)), 1)


if __name__ == "__main__":
    main()
