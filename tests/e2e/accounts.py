#!/usr/bin/python3
"""Accounts of staff on the real daemon: administered by HTTP and at the command line, each change in the audit
trail; recovery by two; tokens with a scope, an end, and the day of their last use."""
import json
import os
import re
import stat
import time
import unittest

from tipline import Daemon, Redis, main, tipctl

CODE = r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$"
PATH = "/api/v1/accounts"


def changes(redis):
    """Events of changes of accounts, oldest first."""
    found = [json.loads(fields[fields.index("e") + 1]) for _, fields in redis.ask("XRANGE", "{audit}:journal", "-", "+")]
    return [e for e in found if e["event"] == "account_changed"]


class Accounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis = Redis().start()
        cls.d = Daemon(f"store.address={cls.redis.address}").start()
        cls.files = os.path.dirname(cls.d.state)

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.redis.remove()

    def token_of(self, person, role, region="000000", *more):
        """A new token's text, and a file with it that nobody else may read."""
        done = tipctl("token", "add", "--state", self.d.state, "--person", person, "--role", role, "--region", region, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.strip()
        path = os.path.join(self.files, f"token-{person}-{len(os.listdir(self.files))}")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
            f.write(text + "\n")
        return text, path

    def user(self, *words, status=0):
        done = tipctl("user", *words, "--state", self.d.state, "--store", self.redis.address)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_by_http(self):
        d = self.d
        added = d.staff("POST", PATH, {"person": "zhang", "name": "张三"}, role="admin")
        self.assertEqual((added.status, added.json["state"], added.json["grants"]), (201, "invited", []))
        self.assertRegex(added.json["setup_code"], CODE)
        granted = d.staff("POST", PATH + "/zhang/grant", {"role": "officer", "region": "150600"}, role="admin")
        self.assertEqual([(g["role"], g["region"], g["holds"]) for g in granted.json["grants"]], [("officer", "150600", True)])
        self.assertEqual([a["person"] for a in d.staff("GET", PATH, role="auditor").json["accounts"] if a["person"] == "zhang"], ["zhang"])
        self.assertIn("张三", self.user("list").stdout)
        event = changes(self.redis)[-1]
        self.assertEqual((event["by"], event["call"], event["id"], event["region"], event["to"]),
                         ("admin", "account_grant", "zhang", "150600", "officer"))
        file = os.path.join(d.state, "staff.jsonl")
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        with open(file, encoding="utf-8") as f:
            everything = f.read() + json.dumps(changes(self.redis)) + d.log()
        self.assertNotIn(added.json["setup_code"], everything)
        self.assertNotIn(added.json["setup_code"].replace("-", ""), everything)

    def test_at_the_command_line(self):
        self.assertRegex(self.user("add", "li", "--name", "Li Wei").stdout.strip(), CODE)
        self.user("grant", "li", "--role", "auditor", "--region", "150600", "--from", "2026-01-01", "--until", "2036-01-01T12:00:00Z")
        shown = json.loads(self.user("show", "li", "--json").stdout)
        self.assertEqual((shown["grants"][0]["from"], shown["grants"][0]["until"]), ("2026-01-01T00:00:00Z", "2036-01-01T12:00:00Z"))
        self.assertEqual(self.d.staff("GET", PATH + "/li", role="admin").json, shown)
        event = changes(self.redis)[-1]
        self.assertEqual((event["call"], event["id"], event["query"]),
                         ("account_grant", "li", "from=2026-01-01T00:00:00Z until=2036-01-01T12:00:00Z"))
        self.assertTrue(event["by"].startswith("os:"), event)
        self.user("suspend", "li")
        self.assertEqual(self.d.staff("GET", PATH + "/li", role="admin").json["state"], "suspended")
        self.user("restore", "li")
        self.user("revoke", "li", "--role", "auditor", "--region", "150600")
        for words, says in ((["revoke", "li", "--role", "auditor", "--region", "150600"], "does not hold"),
                            (["suspend", "nobody"], "no such account"), (["add", "li", "--name", "L"], "already"),
                            (["recover", "li"], "two administrators"), (["show", "nobody"], "no account")):
            self.assertIn(says, self.user(*words, status=1).stderr)
        for words in (["grant", "li", "--role", "king", "--region", "150600"], ["grant", "li", "--role", "officer"],
                      ["grant", "li", "--role", "officer", "--region", "15", "--until", "soon"], ["promote", "li"], []):
            self.user(*words, status=2)
        self.assertIn("usage: tipctl user", self.user("--help").stdout)

    def test_an_administrator_orders_in_their_own_region(self):
        text, path = self.token_of("ordos", "admin", "150600")
        self.user("add", "wang", "--name", "Wang", "--with", path)
        self.user("grant", "wang", "--role", "officer", "--region", "150602", "--with", path)
        self.assertEqual(changes(self.redis)[-1]["by"], "ordos")
        self.assertIn("beyond", self.user("grant", "wang", "--role", "officer", "--region", "000000", "--with", path, status=1).stderr)
        beyond = self.d.staff("POST", PATH + "/wang/grant", {"role": "officer", "region": "150000"}, token=text)
        self.assertEqual((beyond.status, beyond.code), (403, "region_not_yours"))
        self.user("add", "ordos", "--name", "O")
        own = self.d.staff("POST", PATH + "/ordos/grant", {"role": "finance", "region": "150600"}, token=text)
        self.assertEqual((own.status, own.code), (403, "own_account"))
        self.assertIn("own account", self.user("suspend", "ordos", "--with", path, status=1).stderr)
        # Nor do they make an account for who works by a token beyond it, whom they could suspend then.
        chief, _ = self.token_of("chief", "admin")
        made = self.d.staff("POST", PATH, {"person": "chief", "name": "C"}, token=text)
        self.assertEqual((made.status, made.code), (403, "region_not_yours"))
        self.user("add", "chief", "--name", "C")
        shut = self.d.staff("POST", PATH + "/chief/suspend", {}, token=text)
        self.assertEqual((shut.status, shut.code), (403, "region_not_yours"))
        self.assertEqual(self.d.staff("GET", PATH, token=chief).status, 200)
        self.assertIn("case", self.user("add", "Chief", "--name", "C", status=1).stderr)
        _, officer = self.token_of("zhao", "officer")
        self.assertIn("no administrator", self.user("suspend", "wang", "--with", officer, status=1).stderr)

    def test_who_decides_is_made_by_two(self):
        _, first = self.token_of("first", "admin")
        second, _ = self.token_of("second", "admin")
        self.user("add", "peng", "--name", "Peng")
        words = ("grant", "peng", "--role", "approver", "--region", "150600")
        self.assertIn("second administrator", self.user(*words, "--with", first).stdout)
        self.assertIn("waits for a second administrator", self.user("show", "peng").stdout)
        shown = json.loads(self.user("show", "peng", "--json").stdout)["grants"]
        self.assertEqual([(g["role"], g["holds"], g["asked_by"]) for g in shown], [("approver", False, "first")])
        body = {"role": "approver", "region": "150600"}
        other = self.d.staff("POST", PATH + "/peng/grant", body | {"region": "150602"}, token=second)
        self.assertEqual((other.status, [g["holds"] for g in other.json["grants"]]), (202, [False, False]))
        done = self.d.staff("POST", PATH + "/peng/grant", body, token=second)
        self.assertEqual((done.status, [(g["region"], g["holds"], g["asked_by"]) for g in done.json["grants"]]),
                         (200, [("150602", False, "second"), ("150600", True, None)]))
        self.assertEqual(self.d.staff("POST", PATH + "/peng/grant", {"role": "officer", "region": "150600"}, token=second).status, 200)
        self.assertEqual([e["by"] for e in changes(self.redis) if e["id"] == "peng" and e.get("to") == "approver"], ["first", "second", "second"])

    def test_a_recovery_takes_two(self):
        _, first = self.token_of("first", "admin")
        second, _ = self.token_of("second", "admin")
        self.user("add", "lost", "--name", "Lost")
        self.assertIn("second administrator", self.user("recover", "lost", "--with", first).stdout)
        self.assertIn("second administrator", self.user("recover", "lost", "--with", first).stdout)
        self.assertEqual(self.d.staff("GET", PATH + "/lost", role="admin").json["recovery"]["by"], "first")
        done = self.d.staff("POST", PATH + "/lost/recover", {}, token=second)
        self.assertEqual((done.status, done.json["recovery"]), (200, None))
        self.assertRegex(done.json["setup_code"], CODE)
        self.assertEqual([e["by"] for e in changes(self.redis) if e["id"] == "lost" and e["call"] == "account_recover"],
                         ["first", "first", "second"])

    def test_a_recovery_that_waits_is_taken_back_or_refused(self):
        _, first = self.token_of("careful", "admin")
        second, _ = self.token_of("doubtful", "admin")
        self.user("add", "asked", "--name", "Asked")
        for refuse in (lambda: self.d.staff("POST", PATH + "/asked/cancel_recovery", {}, token=second).status == 200,
                       lambda: self.user("cancel_recovery", "asked", "--with", first).returncode == 0):
            self.user("recover", "asked", "--with", first)
            self.assertTrue(refuse())
            self.assertIsNone(self.d.staff("GET", PATH + "/asked", role="admin").json["recovery"])
        self.assertEqual(self.d.staff("POST", PATH + "/asked/cancel_recovery", {}, token=second).status, 409)
        self.assertEqual(self.d.staff("POST", PATH + "/asked/recover", {}, token=second).status, 202)
        self.assertEqual([(e["by"], e.get("query")) for e in changes(self.redis) if e["id"] == "asked" and e["call"] == "account_cancel_recovery"],
                         [("doubtful", None), ("careful", None), ("doubtful", None), ("doubtful", "state=refused")])

    def test_a_suspended_account_has_no_tokens(self):
        text, _ = self.token_of("gone", "officer")
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).status, 200)
        self.user("add", "gone", "--name", "Gone")
        self.user("suspend", "gone")
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).code, "token_needed")
        self.user("restore", "gone")
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).status, 200)

    def test_tokens_have_a_scope_an_end_and_a_last_day(self):
        text, _ = self.token_of("robot", "officer", "000000", "--scope", "queues,incident*", "--expires", "never")
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).status, 200)
        refused = self.d.staff("GET", "/api/v1/tips?held=me", token=text)
        self.assertEqual((refused.status, refused.code), (403, "scope_needed"))
        self.assertNotEqual(self.d.staff("GET", "/api/v1/incidents/15-7K3MQ2X9RD", token=text).code, "scope_needed")
        self.token_of("idle", "officer", "000000", "--expires", "7")
        self.assertEqual(tipctl("token", "add", "--state", self.d.state, "--person", "x", "--role", "officer", "--region", "000000",
                                "--scope", "No Such").returncode, 2)
        today = time.strftime("%Y-%m-%d", time.gmtime())
        listed = {re.split(r"\s+", line)[4]: line for line in tipctl("token", "list", "--state", self.d.state).stdout.splitlines()}
        self.assertRegex(listed["robot"], r"never +\d{4}-\d\d-\d\d  robot \(no end\)  officer  \[queues incident\*\]$")
        self.assertRegex(listed["idle"], r"Z  \S+ +idle  officer$")
        with open(os.path.join(self.d.state, "token-use.jsonl"), encoding="ascii") as f:
            used = [json.loads(line) for line in f]
        self.assertIn(listed["robot"].split()[0], [row["id"] for row in used])
        self.assertTrue(all(row["day"] in (today, time.strftime("%Y-%m-%d", time.gmtime())) for row in used), used)

    def test_an_unused_token_is_told(self):
        path = os.path.join(self.d.state, "tokens.jsonl")
        old = {"id": "0123456789abcdef", "sha256": "0" * 64, "person": "old", "roles": ["officer"], "region": "000000",
               "created": "2020-01-01T00:00:00Z", "expires": None}
        with open(path, "a", encoding="ascii") as f:
            f.write(json.dumps(old) + "\n")
        self.assertIn("old (unused for 90 days, no end)", tipctl("token", "list", "--state", self.d.state).stdout)
        self.assertEqual(tipctl("token", "revoke", old["id"], "--state", self.d.state).returncode, 0)

    def test_without_a_trail_nothing_changes(self):
        self.user("add", "still", "--name", "Still")
        self.redis.kill()
        try:
            refused = self.d.staff("POST", PATH + "/still/suspend", {}, role="admin")
            self.assertEqual((refused.status, refused.code), (503, "audit_unavailable"))
            # At the command line the operator may, and is told.
            self.assertIn("not written to an audit trail", self.user("grant", "still", "--role", "officer", "--region", "150600").stderr)
        finally:
            self.redis.start()
            self.d.wait_works()
        self.assertEqual(self.d.staff("GET", PATH + "/still", role="admin").json["state"], "invited")


if __name__ == "__main__":
    main()
