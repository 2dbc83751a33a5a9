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

from tipline import PATIENCE, ROOT, Daemon, Redis, main, wait_for

KILLS = int(os.environ.get("TIPLINE_KILLS", "2"))
SEED = int(os.environ.get("TIPLINE_SEED", "7"))
REWARDS, FEN = 6, 850000
LEASE_S = 15   # of the treasury: so long until another process may pay
JOB = "{money}:job:treasury"


class Provider:
    def __init__(self):
        self.process = subprocess.Popen([os.path.join(ROOT, "tests/support/fake_provider.py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.port, self.control = map(int, self.process.stdout.readline().split())

    def tell(self, path, **said):
        peer = http.client.HTTPConnection("127.0.0.1", self.control, timeout=120 * PATIENCE)
        peer.request("POST", path, json.dumps(said))
        answer = json.loads(peer.getresponse().read())
        peer.close()
        return answer

    def sent(self):
        return self.tell("/sent")

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60 * PATIENCE)


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
        return [json.loads(fields[1]) for _, fields in self.redis.ask("xrange", "{money}:journal", "-", "+")]

    def end_lease(self):
        """The dead holder's lease ends now, as it would by waiting."""
        self.redis.ask("hset", JOB, "until", 1)

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
        trail = [json.loads(fields[1]) for _, fields in self.bank.redis.ask("XRANGE", "{audit}:journal", "-", "+")]
        unsealed = [event["id"] for event in trail if event["event"] == "unseal"]
        self.assertEqual(len(unsealed), len(set(unsealed)), "each payee was opened once")
        self.assertEqual(len(unsealed), REWARDS)

    def test_callback_is_recorded_before_it_is_answered(self):
        self.bank.provider.tell("/mode", mode="accept")
        daemon = self.bank.daemon().start()
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "all are accepted")
        instruction = list(self.bank.attempts().values())[0][1]
        url = f"http://{daemon.ports['public']}/hooks/"
        call = {"id": instruction, "states": ["succeeded"]}
        # The provider itself says so only at the end: a query must not find it before the callback does.
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "voucher", bad="1", **call), [401])
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "nobody", **call), [404])
        self.assertEqual(self.bank.count("SUCCEEDED"), 0)
        self.assertEqual(self.bank.provider.tell("/callback", url=url + "voucher", times=3, **call), [204, 204, 204])
        told = [r for r in self.bank.records() if r["data"].get("by") == "webhook"]
        self.assertEqual(len(told), 1)
        self.assertEqual(self.bank.count("SUCCEEDED"), 1)
        self.bank.provider.tell("/settle", id=instruction, state="succeeded")
        self.check_once()

    def test_callback_while_the_journal_is_away(self):
        self.bank.provider.tell("/mode", mode="accept")
        daemon = self.bank.daemon().start()
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "all are accepted")
        instruction = list(self.bank.attempts().values())[0][1]
        url = f"http://{daemon.ports['public']}/hooks/voucher"
        self.bank.redis.signal(signal.SIGSTOP)
        self.assertEqual(self.bank.provider.tell("/callback", url=url, id=instruction, states=["succeeded"]), [503])
        self.bank.redis.signal(signal.SIGCONT)
        wait_for(lambda: self.bank.provider.tell("/callback", url=url, id=instruction, states=["succeeded"]) == [204], 20,
                 "it is taken again")
        self.assertEqual(self.bank.count("SUCCEEDED"), 1)
        self.bank.provider.tell("/settle", id=instruction, state="succeeded")
        self.check_once()

    def test_a_return_that_is_called_in_is_asked_for(self):
        """What a query has told is not taken back by a callback: it makes questions, and their answer does."""
        self.bank.provider.tell("/mode", mode="accept")
        daemon = self.bank.daemon().start()
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "all are accepted")
        attempt, (_, instruction) = list(self.bank.attempts().items())[0]
        self.bank.provider.tell("/settle", id=instruction, state="succeeded")

        def told(state):
            return [r for r in self.bank.records()
                    if r["subject"] == attempt and r["kind"] == "attempt.observe" and r["data"]["attempt_to"] == state]
        wait_for(lambda: told("SUCCEEDED"), 30, "a query found it paid")
        self.assertEqual(told("SUCCEEDED")[0]["data"]["by"], "query")
        asked = self.count_queries(attempt)
        call = {"url": f"http://{daemon.ports['public']}/hooks/voucher", "id": instruction, "states": ["returned"]}
        self.assertEqual(self.bank.provider.tell("/callback", **call), [204])
        wait_for(lambda: self.count_queries(attempt) > asked, 10, "it is asked whether that is so")
        self.assertEqual(told("RETURNED"), [], "the provider itself said that it was not")
        self.bank.provider.tell("/settle", id=instruction, state="returned")
        wait_for(lambda: told("RETURNED"), 60, "a later question was answered otherwise")
        self.assertEqual(told("RETURNED")[0]["data"]["by"], "query")
        self.assertEqual(told("RETURNED")[0]["entry"][:4], "L08:")
        self.check_once()

    def count_queries(self, attempt):
        return sum(1 for r in self.bank.records() if r["subject"] == attempt and r["kind"] == "attempt.query")

    def test_provider_away_and_back(self):
        self.bank.provider.tell("/refuse", on=True)
        self.bank.daemon().start()
        wait_for(lambda: self.bank.count("UNKNOWN") >= 5, 20, "the first are tried")
        self.bank.provider.tell("/refuse", on=False)
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 90, "all are paid")
        self.check_once()

    def all_sent(self):
        states = [state for state, _ in self.bank.attempts().values()]
        return len(states) == REWARDS and all(state in ("SUCCEEDED", "UNKNOWN") for state in states)

    def test_reload_of_rails(self):
        """Switched off nothing goes out; what is under way is asked where it went, whatever the file says."""
        rail = {"driver": "http", "url": f"http://127.0.0.1:{self.bank.provider.port}", "method": "wallet", "key_id": "test-1",
                "key_file": self.bank.key.name, "not_found_is_final": True, "enabled": False}
        daemon = Daemon("store.address=" + self.bank.redis.address, demo=False)
        self.bank.daemons.append(daemon)
        config = os.path.join(os.path.dirname(daemon.state), "t.yaml")
        command = Daemon.command
        daemon.command = lambda: command(daemon) + ["--config", config]

        def configure(**rails):
            with open(config, "w", encoding="utf-8") as f:
                json.dump({"payout": {"rails": rails}} if rails else {"log": {"level": "notice"}}, f)

        os.makedirs(os.path.dirname(daemon.state), exist_ok=True)
        configure(voucher=rail)
        daemon.start()
        wait_for(lambda: daemon.metrics().get("tipline_payout_held_back") == REWARDS, 20, "all are held back")
        self.assertEqual(self.bank.provider.sent(), {})
        self.assertEqual(daemon.metrics()['tipline_payout_rail_on{rail="voucher"}'], 0)
        self.bank.provider.tell("/mode", mode="accept")
        rail["enabled"] = True
        configure(voucher=rail)
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: self.bank.count("ACCEPTED") == REWARDS, 20, "they go out after the reload")
        # While they are open it may not become another house.
        configure(voucher={**rail, "url": "https://elsewhere.example"})
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: "payout.rails_refused" in daemon.log(), 5, "another provider is refused")
        self.assertIn("payout.rails.voucher.url", daemon.log())
        self.bank.provider.tell("/mode", mode="succeed")
        for _, instruction in self.bank.attempts().values():
            self.bank.provider.tell("/settle", id=instruction, state="succeeded")
        # Nor the rail of counters, which that name means when nothing is configured.
        configure()
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: "payout.rails.voucher.driver" in daemon.log(), 5, "the rail may not go")
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 60, "they are asked about all the same")
        read = daemon.log().count("payout.rails_read")
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: daemon.log().count("payout.rails_read") == read + 1, 5, "then it may")
        self.assertEqual(daemon.metrics()["tipline_payout_open"], 0)
        self.check_once()

    def test_kill_9(self):
        """What was killed between record and request stays unknown for ten minutes: longer than is waited for here."""
        dice = random.Random(SEED)
        daemon = self.bank.daemon()
        for _ in range(KILLS):
            before = len(self.bank.records())
            daemon.start(ready=False)
            end = time.monotonic() + LEASE_S + 60 * PATIENCE
            while len(self.bank.records()) == before and not self.all_sent() and time.monotonic() < end:
                time.sleep(0.005)
            time.sleep(dice.random() * 0.05)
            daemon.kill()
            self.check_once()
            self.bank.end_lease()
        daemon.start(ready=False)
        daemon.kill()   # this one's lease is waited for
        daemon.start()
        wait_for(self.all_sent, LEASE_S + 60, "all are sent")
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
