#!/usr/bin/python3
"""
tipctl restore-mirror on a store that lost its tail: what was lost comes back
byte for byte and once, and nothing is written where there are two journals or
a daemon still writes.
"""
import hashlib
import json
import os
import unittest

from payouts import LEASE_S, REWARDS, Bank
from tipline import main, tipctl, wait_for

LOST = 5


def chained(lines):
    """The lines with prev and hash made anew, written by nothing of the program's own."""
    head, out = "0" * 64, []
    for line in lines:
        record = json.loads(line)
        del record["hash"]
        record["prev"] = head
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("\x7f", "\\u007f")
        head = hashlib.sha256(body.encode()).hexdigest()
        out.append(body[:-1] + f',"hash":"{head}"}}')
    return out


class Mirror(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = Bank()
        cls.addClassCleanup(cls.bank.close)
        cls.daemon = cls.bank.daemon().start()
        wait_for(lambda: cls.bank.count("SUCCEEDED") == REWARDS, 20, "all are paid")
        cls.path = os.path.join(cls.daemon.state, "money/journal.jsonl")
        wait_for(lambda: cls.lines() == cls.stored(), 10, "the mirror has all of it")
        done = cls.run_tool("--write")
        assert done.returncode == 1 and "holds the lease" in done.stderr, done
        cls.daemon.stop()
        cls.whole = cls.lines()
        wait_for(lambda: cls.run_tool("--write").returncode == 0, LEASE_S + 5, "the lease is over")

    @classmethod
    def lines(cls):
        with open(cls.path, encoding="utf-8") as f:
            return f.read().splitlines()

    @classmethod
    def stored(cls):
        answer = cls.bank.redis.cli("--json", "xrange", "{money}:journal", "-", "+")
        return [fields[1] for _, fields in json.loads(answer)]

    @classmethod
    def run_tool(cls, *arguments, mirror=None):
        return tipctl("restore-mirror", "--store", cls.bank.redis.address, "--mirror", mirror or cls.path, *arguments)

    def lose(self, n):
        """As a torn append-only file loses whole changes."""
        redis, records = self.bank.redis, [json.loads(line) for line in self.whole]
        for record in records[-n:]:
            redis.cli("xdel", "{money}:journal", record["seq"] + "-0")
            redis.cli("del", "{money}:idem:" + record["key"])
        last = records[-n - 1]
        redis.cli("xsetid", "{money}:journal", last["seq"] + "-0")
        redis.cli("hset", "{money}:head", "seq", last["seq"], "hash", last["hash"], "at", last["at"])

    def other_mirror(self, text):
        path = os.path.join(self.daemon.state, "other.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def tearDown(self):
        self.assertEqual(self.run_tool("--write").returncode, 0)
        self.assertEqual(self.stored(), self.whole)

    def test_the_tail_comes_back_once(self):
        self.lose(LOST)
        done = self.run_tool()
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(f"{LOST} records are missing in the store", done.stdout)
        self.assertIn(json.loads(self.whole[-1])["kind"], done.stdout)
        self.assertEqual(self.stored(), self.whole[:-LOST], "nothing was written")
        done = self.run_tool("--write")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(f"{LOST} records were appended", done.stdout)
        self.assertEqual(self.stored(), self.whole)
        done = self.run_tool("--write")
        self.assertIn("nothing is missing", done.stdout)
        self.daemon.start()
        wait_for(lambda: self.daemon.metrics()["tipline_money_ready"] == 1, 20, "the daemon follows all of it")
        self.assertEqual(self.lines(), self.whole)
        self.daemon.stop()
        wait_for(lambda: self.run_tool("--write").returncode == 0, LEASE_S + 5, "the lease is over")
        self.assertEqual(len(self.bank.provider.sent()), REWARDS)

    def test_all_of_it_comes_back(self):
        self.bank.redis.cli("del", "{money}:journal", "{money}:head", *("{money}:idem:" + json.loads(line)["key"] for line in self.whole))
        done = self.run_tool("--write")
        self.assertIn(f"{len(self.whole)} records were appended", done.stdout)

    def test_two_journals_are_not_joined(self):
        forked = json.loads(self.whole[-LOST - 2])
        forked["person"] = "somebody"
        lines = self.whole[:-LOST - 2] + [json.dumps(forked)] + self.whole[-LOST - 1:]
        self.lose(LOST)
        done = self.run_tool("--write", mirror=self.other_mirror("\n".join(chained(lines)) + "\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("two journals", done.stderr)
        self.assertEqual(self.stored(), self.whole[:-LOST])

    def test_a_broken_chain_is_not_written(self):
        self.lose(LOST)
        changed = self.whole[-2].replace('"account":"system"', '"account":"sYstem"')
        self.assertNotEqual(changed, self.whole[-2])
        for lines in ([*self.whole[:-2], changed, self.whole[-1]], [*self.whole[:-3], *self.whole[-2:]], self.whole[1:]):
            done = self.run_tool("--write", mirror=self.other_mirror("\n".join(lines) + "\n"))
            self.assertEqual(done.returncode, 1)
            self.assertIn("does not follow", done.stderr)
            self.assertEqual(self.stored(), self.whole[:-LOST])

    def test_a_line_that_was_not_finished_is_left_out(self):
        self.lose(LOST)
        done = self.run_tool("--write", mirror=self.other_mirror("\n".join(self.whole[:-1]) + "\n" + self.whole[-1][:100]))
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("not finished", done.stdout)
        self.assertEqual(self.stored(), self.whole[:-1])


if __name__ == "__main__":
    main()
