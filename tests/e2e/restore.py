#!/usr/bin/python3
"""
Yesterday's backup of Redis is put back, and the daemon's mirror has more: quarantine. Nothing is sent, what is open is
asked about, two of finance lift it, and the provider has paid each reward once.
"""
import json
import os
import shutil
import time
import unittest

from payouts import FEN, REWARDS, Bank
from tipline import main, wait_for


class Restore(unittest.TestCase):
    def setUp(self):
        self.bank = Bank()
        self.addCleanup(self.bank.close)
        self.daemon = self.bank.daemon()
        self.keys = 0

    # --- backup and restore ------------------------------------------------------

    def back_up(self):
        self.bank.redis.stop()
        shutil.copytree(os.path.join(self.bank.redis.dir, "appendonlydir"), self.bank.redis.dir + ".backup")
        self.addCleanup(shutil.rmtree, self.bank.redis.dir + ".backup", True)
        self.bank.redis.start()

    def restore(self):
        """The daemon stays down meanwhile, and keeps its state directory."""
        self.bank.redis.stop()
        shutil.rmtree(os.path.join(self.bank.redis.dir, "appendonlydir"))
        shutil.copytree(self.bank.redis.dir + ".backup", os.path.join(self.bank.redis.dir, "appendonlydir"))
        self.bank.redis.start()

    def money_dir(self):
        return os.path.join(self.daemon.state, "money")

    # --- staff -----------------------------------------------------------------------

    def token(self, person, role):
        made = self.daemon.tipctl("token", "add", "--state", self.daemon.state, "--person", person, "--role", role, "--region", "000000")
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout.split()[-1]

    def call(self, token, action, body):
        self.keys += 1
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": f"e-{self.keys}"}
        return self.daemon.ask("staff", "POST", "/api/v1/money/" + action, json.dumps(body).encode(), headers)

    def payouts(self, token):
        return self.daemon.ask("staff", "GET", "/api/v1/payouts", headers={"Authorization": "Bearer " + token}).json

    def working(self, token):
        return wait_for(lambda: (a := self.call(token, "restored", {})).status != 401 and a, 20, "the token is known")

    # --- what has to hold ------------------------------------------------------------

    def quarantine(self):
        wait_for(lambda: self.daemon.metrics().get("tipline_money_quarantine") == 1, 20, "quarantine")
        wait_for(lambda: self.daemon.metrics().get("tipline_money_leading") == 1, 40, "the timers work")
        self.assertIn('"event":"treasury.restored"', self.daemon.log())
        self.assertIn('"event":"treasury.quarantine"', self.daemon.log())
        self.assertTrue(any("quarantine" in w for w in self.daemon.ready().json["warnings"]))
        restored = [r for r in self.bank.records() if r["kind"] == "book.restored"]
        self.assertEqual(len(restored), 1)
        return restored[0]

    def paid_once(self):
        sent = self.bank.provider.sent()
        self.assertEqual(len(sent), REWARDS)
        for payment in sent.values():
            self.assertEqual((payment["times"], payment["fen"]), (1, FEN))
        self.assertEqual(set(sent), {instruction for _, instruction in self.bank.attempts().values()})

    def lift(self, quarantine):
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
        body = {"quarantine": quarantine, "until": today, "reason": "asked the provider about each payment"}
        one, two = self.token("cai", "finance"), self.token("qian", "finance")
        self.working(one)
        self.working(two)
        self.assertEqual(self.payouts(one)["quarantine"], quarantine)
        self.assertEqual(self.call(one, "reconciled", dict(body, quarantine="Q1")).code, "NOT_FOUND")
        self.assertEqual(self.call(one, "reconciled", dict(body, until="2026-03-01")).code, "WRONG_DAY")
        first = self.call(one, "reconciled", body)
        self.assertEqual((first.status, first.json["kind"]), (202, "vote"), first)
        self.assertNotEqual(self.call(one, "reconciled", body).json.get("kind"), "book.reconciled", "one person is not two")
        self.assertEqual(self.daemon.metrics()["tipline_money_quarantine"], 1)
        second = self.call(two, "reconciled", body)
        self.assertEqual((second.status, second.json["kind"]), (200, "book.reconciled"), second)
        wait_for(lambda: self.daemon.metrics()["tipline_money_quarantine"] == 0, 20, "it is lifted")
        self.assertIn('"event":"treasury.reconciled"', self.daemon.log())

    # --- the tests ------------------------------------------------------------------

    def test_what_was_started_is_asked_about(self):
        """The backup says CREATED, and all of them were paid: a query tells, and nothing goes out for it."""
        rails = self.daemon.sets
        self.daemon.sets = rails + ["payout.rails.voucher.daily_fen=1"]
        self.daemon.start()
        wait_for(lambda: self.bank.count("CREATED") == REWARDS, 20, "all are started, and the day's limit lets none go out")
        self.daemon.stop()
        self.back_up()
        self.daemon.sets = rails
        self.daemon.start()
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 60, "all are paid")
        known = len(self.bank.records())
        self.daemon.stop()
        self.restore()
        self.assertEqual(self.bank.count("CREATED"), REWARDS)
        self.daemon.start()
        restored = self.quarantine()
        self.assertEqual((restored["data"]["known"], restored["data"]["attempts"]), (str(known), str(REWARDS)))
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 60, "the provider tells of all of them")
        self.assertFalse([r for r in self.bank.records() if r["kind"] in ("attempt.send", "attempt.cancel")])
        self.paid_once()
        aside = [n for n in os.listdir(self.money_dir()) if ".before-" in n]
        self.assertEqual(aside, [f"journal.jsonl.before-{restored['seq']}"])
        with open(os.path.join(self.money_dir(), aside[0]), encoding="utf-8") as f:
            self.assertEqual(len(f.readlines()), known, "what was known is kept")
        self.lift("Q" + restored["seq"])
        self.paid_once()

    def test_what_was_not_started_waits(self):
        """The backup says RELEASED: nothing is started before it is lifted; then the ids are those that the provider knows."""
        self.back_up()
        self.daemon.start()
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 60, "all are paid")
        ids = {instruction for _, instruction in self.bank.attempts().values()}
        self.daemon.stop()
        self.restore()
        self.daemon.start()
        restored = self.quarantine()
        self.lift("Q" + restored["seq"])
        records = self.bank.records()
        lifted = next(r for r in records if r["kind"] == "book.reconciled")
        between = [r["kind"] for r in records if int(restored["seq"]) < int(r["seq"]) < int(lifted["seq"])]
        self.assertFalse([k for k in between if k.startswith("attempt.")])
        wait_for(lambda: self.bank.count("SUCCEEDED") == REWARDS, 60, "all are recognized")
        self.assertEqual({instruction for _, instruction in self.bank.attempts().values()}, ids)
        self.paid_once()
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.daemon.metrics()["tipline_money_quarantine"], 0)

    def test_by_hand(self):
        """A daemon without a mirror sees nothing; somebody who knows says so before it pays."""
        self.bank.provider.tell("/refuse", on=True)
        self.daemon.start()
        wait_for(lambda: len(self.bank.attempts()) == REWARDS, 20, "all are started")
        finance = self.token("cai", "finance")
        self.working(finance)
        answer = self.call(finance, "restored", {"reason": "the disk of Redis was exchanged for an older one"})
        self.assertEqual((answer.status, answer.json["kind"]), (200, "book.restored"), answer)
        wait_for(lambda: self.bank.count("UNKNOWN") == REWARDS, 20, "all that is open is unknown")
        self.bank.provider.tell("/refuse", on=False)
        told = len(self.bank.records())
        wait_for(lambda: any(r["kind"] == "attempt.query" for r in self.bank.records()[told:]), 60, "they are asked about")
        self.assertEqual(self.bank.provider.sent(), {})
        self.assertFalse([r for r in self.bank.records()[told:] if r["kind"] == "attempt.send"])


if __name__ == "__main__":
    main()
