#!/usr/bin/python3
"""
A tip cannot be buried: what nobody opens, answers or works on passes to the level
above by itself, once for each time, whoever dies; who left holds nothing; and
what an informant had reopened is closed by somebody else.
"""
import collections
import json
import os
import random
import re
import subprocess
import time
import unittest

from tipline import PATIENCE, Daemon, Redis, main, tipctl, wait_for

DONGSHENG = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
BANDS = ("immediate", "urgent", "standard", "low")
SEED = int(os.environ.get("TIPLINE_SEED", "7"))
KILLS = int(os.environ.get("TIPLINE_KILLS", "8"))
CLOCKS_S = (2, 8, 32)   # tried in turn: on a busy machine a short clock may run out before the next call


def limits(**seconds):
    """Of every priority; what is not named is for ever."""
    seconds = {"unopened": 0, "unanswered": 0, "stalled": 0, **seconds}
    return [f"escalation.{band}.{what}_s={n}" for band in BANDS for what, n in seconds.items()]


def bureau(d, person, region, role="officer", *more):
    """The token of a person of that region."""
    done = tipctl("token", "add", "--state", d.state, "--person", person, "--role", role, "--region", region, *more)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return re.search(r"tip_[\w-]{43}", done.stdout).group(0)


class Escalation(unittest.TestCase):
    def in_time(self, body):
        """
        body(seconds) with clocks of so many seconds. It says by self.by until when a clock cannot have run out (None: it does
        not matter). What failed after that is tried with a longer clock; what failed before has failed.
        """
        for seconds in CLOCKS_S:
            self.by = None
            try:
                return body(seconds)
            except (AssertionError, IndexError):
                if self.by is None or time.monotonic() < self.by or seconds == CLOCKS_S[-1]:
                    raise

    def daemon(self, *sets, **options):
        d = Daemon(*sets, **options)
        d.start()
        self.addCleanup(d.close)
        return d

    def events(self, d, shard="15"):
        """The shard's journal."""
        socket = getattr(d, "store", None) or os.path.join(d.state, "redis/redis.sock")
        out = subprocess.run(["redis-cli", "-s", socket, "xrange", "{" + shard + "}:journal", "-", "+"],
                             capture_output=True, timeout=60 * PATIENCE, check=True).stdout
        return [json.loads(line) for line in out.split(b"\n") if line.startswith(b'{"e"')]

    def escalations(self, d, tip=None):
        return [e for e in self.events(d) if e["e"] == "escalated" and tip in (None, e["id"])]

    def replay(self, d, *more):
        done = tipctl("replay", "--state", d.state, "--quiet", *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def tip_of(self, d, tip, **who):
        return d.staff("GET", f"/api/v1/tips/{tip}", **who).json

    # --- levels -----------------------------------------------------------------------

    def test_unopened_passes_county_prefecture_province_nation(self):
        d = self.daemon(*limits(unopened=1))
        sent = d.tip(DONGSHENG)
        wait_for(lambda: len(self.escalations(d)) == 3, 15, "three levels up")
        moves = self.escalations(d)
        self.assertEqual([(e["from"], e["to"], e["level"], e["why"]) for e in moves],
                         [("150602", "150600", "prefecture", "unopened"), ("150600", "150000", "province", "unopened"),
                          ("150000", "000000", "nation", "unopened")])
        self.assertTrue(all(e["id"] == sent["id"] and e["waited"] >= 1000 for e in moves), moves)
        time.sleep(2.5)
        self.assertEqual(len(self.escalations(d)), 3, "nobody is above the nation")
        tip = d.claim("000000")[0]
        self.assertEqual((tip["id"], tip["text"], tip["level"], tip["escalations"], tip["escalated_from"], tip["escalated_why"],
                          tip["escalates_at"]), (sent["id"], DONGSHENG, "nation", 3, "150602", "unopened", None))
        self.assertEqual(d.metrics()['tipline_escalated_total{why="unopened"}'], 3)
        self.replay(d)

    def test_a_claim_stops_the_clock_and_a_stalled_tip_goes_on(self):
        self.in_time(self.claimed_and_stalled)

    def claimed_and_stalled(self, seconds):
        d = self.daemon(*limits(unopened=seconds, stalled=2 * seconds))
        self.by = time.monotonic() + seconds
        sent = d.tip(DONGSHENG)
        tip = d.claim("150602", lease_s=600)[0]
        self.assertEqual((tip["level"], tip["escalations"], tip["escalates_why"]), ("county", 0, "stalled"))
        self.by += seconds
        time.sleep(seconds + 0.7)
        self.assertEqual(self.escalations(d), [], "it was opened")
        self.assertEqual(d.act(tip["id"], "note", {"text": "看过"}).status, 200)
        self.by = time.monotonic() + 2 * seconds
        self.assertEqual(d.act(tip["id"], "release", {}).status, 200)
        time.sleep(seconds)
        self.assertEqual(self.escalations(d), [], "the note was a step, and the clock began with it")
        self.by = None
        wait_for(lambda: self.escalations(d), 60, "stalled")
        self.by = time.monotonic()   # from here on the next clock runs: each of these may come too late
        self.assertEqual([(e["from"], e["to"], e["why"]) for e in self.escalations(d)], [("150602", "150600", "stalled")])
        tip = d.claim("150600", lease_s=600)[0]
        self.assertEqual((tip["id"], tip["region"]), (sent["id"], "150600"))
        self.by = None
        wait_for(lambda: len(self.escalations(d)) >= 2, 60, "held without a step")
        self.assertEqual(self.escalations(d)[1]["why"], "stalled")
        self.assertEqual(d.held(), [], "and taken from who held it")
        self.replay(d)

    def test_claiming_again_and_again_hides_nothing(self):
        d = self.daemon(*limits(stalled=3))
        d.tip(DONGSHENG)

        def claimed_again():
            for tip in d.claim("150602", lease_s=600):
                d.act(tip["id"], "release", {})
            return self.escalations(d)
        wait_for(claimed_again, 60, "claims are no steps")

    def test_what_the_informant_asked_has_its_own_clock(self):
        self.in_time(self.asked)

    def asked(self, seconds):
        d = self.daemon(*limits(unanswered=seconds))
        sent = d.tip(DONGSHENG)
        tip = d.claim("150602", lease_s=600)[0]["id"]
        began = time.monotonic()
        d.receipt(sent["receipt"], text="他们往北走了")
        d.act(tip, "message", {"text": "谢谢，在查"})
        # Answered before the clock ran out, or else too late for what is said here.
        self.by = None if time.monotonic() < began + seconds else began
        time.sleep(seconds + 0.7)
        self.assertEqual(self.escalations(d), [], "it was answered")
        self.by = None
        d.receipt(sent["receipt"], text="又看到了")
        wait_for(lambda: self.escalations(d), 60, "unanswered")
        self.assertEqual(self.escalations(d)[0]["why"], "unanswered")
        self.replay(d)

    def test_switched_off_nothing_moves(self):
        d = self.daemon(*limits(unopened=1), "escalation.enabled=false")
        d.tip(DONGSHENG)
        time.sleep(2.5)
        self.assertEqual(self.escalations(d), [])
        self.assertIsNone(d.claim("150602")[0]["escalates_at"])

    # --- who sees what ------------------------------------------------------------------

    def test_the_lower_bureau_sees_it_and_cannot_hide_it(self):
        self.in_time(self.seen_from_below)

    def seen_from_below(self, seconds):
        d = self.daemon(*limits(unopened=seconds))
        county, prefecture = bureau(d, "county", "150602"), bureau(d, "prefecture", "150600")
        boss = bureau(d, "boss", "150602", "admin")
        self.by = time.monotonic() + 2 * seconds   # then it is two levels up
        sent = d.tip(DONGSHENG)
        wait_for(lambda: self.escalations(d), 60, "one level up")
        self.assertEqual(d.claim("150602", token=county), [])
        self.assertEqual(d.queues(token=county)["150602"]["escalated"], 1)
        rows = d.staff("GET", "/api/v1/tips?escalated=from_here", token=county).json["tips"]
        self.assertEqual([(t["id"], t["level"], t["text"]) for t in rows], [(sent["id"], "prefecture", DONGSHENG)])
        self.assertEqual(self.tip_of(d, sent["id"], token=county)["escalated_from"], "150602")
        self.assertEqual(d.act(sent["id"], "note", {"text": "补充：我们这里没有人手"}, token=county).status, 200)
        refused = d.act(sent["id"], "transfer", {"region": "150602", "reason": "拿回来"}, token=boss)
        self.assertEqual((refused.status, refused.code), (403, "escalated"))
        tip = d.claim("150600", token=prefecture, lease_s=600)[0]
        self.assertEqual((tip["id"], tip["level"]), (sent["id"], "prefecture"))
        self.by = time.monotonic() + seconds
        back = d.act(tip["id"], "transfer", {"region": "150602", "reason": "你们去看一下"}, token=prefecture)
        self.assertEqual((back.status, back.json["escalations"], back.json["level"]), (200, 0, "county"))
        self.assertEqual([t["id"] for t in d.claim("150602", token=county, lease_s=600)], [sent["id"]])
        self.by = None
        self.assertEqual(d.queues(token=county)["150602"]["escalated"], 0)
        self.replay(d)

    def test_the_informant_reads_it_in_words(self):
        self.in_time(self.told_in_words)

    def told_in_words(self, seconds):
        d = self.daemon(*limits(unopened=seconds))
        self.by = time.monotonic() + seconds
        sent = d.tip(DONGSHENG)
        self.assertIsNone(d.receipt(sent["receipt"]).json["escalated"])
        self.by += seconds
        wait_for(lambda: self.escalations(d), 60, "one level up")
        told = d.api("/api/v1/receipt", {"receipt": sent["receipt"], "lang": "en"}).json["escalated"]
        self.assertEqual((told["level"], told["why"], told["times"]), ("prefecture", "unopened", 1))
        self.assertEqual(told["text"], "Not opened for 1 minute, so it was passed on to the prefecture level.")
        self.assertGreaterEqual(told["waited_s"], seconds)
        page = d.form("/receipt", {"code": sent["receipt"], "lang": "zh-CN"})
        self.assertIn("1 分钟没有人查看，已经转到市级。", page.text)
        self.assertIn("Not opened for 1 minute", d.form("/receipt", {"code": sent["receipt"], "lang": "en"}).text)

    # --- closing --------------------------------------------------------------------------

    def test_what_was_reopened_is_closed_by_another_officer(self):
        d = self.daemon(*limits())
        zhang, li = bureau(d, "zhang", "150602"), bureau(d, "li", "150602")
        sent = d.tip(DONGSHENG)
        tip = d.claim("150602", token=zhang, lease_s=600)[0]["id"]
        bare = d.act(tip, "close", {"outcome": "unfounded"}, token=zhang)
        self.assertEqual((bare.status, bare.code, bare.json["field"]), (400, "field_invalid", "note"))
        self.assertEqual(d.act(tip, "close", {"outcome": "unfounded", "note": "没有找到"}, token=zhang).status, 200)
        asked = d.receipt(sent["receipt"]).json
        self.assertEqual((asked["state"], asked["may_reopen"]), ("closed", True))
        again = d.api("/api/v1/receipt", {"receipt": sent["receipt"], "text": "他还在那里", "reopen": True}).json
        self.assertEqual((again["state"], again["reopened"], again["may_reopen"]), ("queued", True, False))
        self.assertEqual([t["id"] for t in d.claim("150602", token=zhang, lease_s=600)], [tip])
        refused = d.act(tip, "close", {"outcome": "prank", "note": "还是没有"}, token=zhang)
        self.assertEqual((refused.status, refused.code), (409, "second_person"))
        d.act(tip, "release", {}, token=zhang)
        self.assertEqual(d.claim("150602", token=li, lease_s=600)[0]["reopens"], 1)
        self.assertEqual(d.act(tip, "close", {"outcome": "unfounded", "note": "再查过"}, token=li).status, 200)
        closed = [e for e in self.events(d) if e["e"] == "closed"]
        self.assertEqual([(e["by"], e.get("before")) for e in closed], [("zhang", None), ("li", "zhang")])
        self.replay(d)

    def test_a_word_after_the_end_that_nobody_reads_brings_it_back(self):
        d = self.daemon(*limits(unanswered=2))
        sent = d.tip(DONGSHENG)
        tip = d.claim("150602", lease_s=600)[0]["id"]
        d.act(tip, "close", {"outcome": "unfounded", "note": "没有找到"})
        d.receipt(sent["receipt"], text="他又来了")
        wait_for(lambda: self.escalations(d), 10, "back, one level up")
        tip = d.claim("150600", lease_s=600)[0]
        self.assertEqual((tip["id"], tip["reopens"], tip["escalated_why"]), (sent["id"], 1, "unanswered"))
        self.replay(d)

    # --- who left ---------------------------------------------------------------------------

    def test_who_left_holds_no_tips(self):
        d = self.daemon(*limits())
        stays, leaves, ends = bureau(d, "stays", "150602"), bureau(d, "leaves", "150602"), bureau(d, "ends", "150602")
        for n in range(3):
            d.tip(DONGSHENG, key=f"left-{n}")
        ids = [d.claim("150602", token=token, lease_s=3600)[0]["id"] for token in (stays, leaves, ends)]
        listed = tipctl("token", "list", "--state", d.state).stdout
        row = next(line for line in listed.splitlines() if "leaves" in line)
        gone = re.search(r"\b[0-9a-z]{8,16}\b", row).group(0)
        self.assertEqual(tipctl("token", "revoke", "--state", d.state, gone).returncode, 0, listed)
        self.expire(d, "ends")
        d.signal(1)
        back = lambda: [e for e in self.events(d) if e["e"] == "released"]
        wait_for(lambda: len(back()) == 2, 15, "two are back")
        released = back()
        self.assertEqual({(e["id"], e["why"], e["holder"]) for e in released},
                         {(ids[1], "left", "leaves"), (ids[2], "left", "ends")})
        self.assertTrue(all("by" not in e for e in released))
        self.assertEqual([t["id"] for t in d.staff("GET", "/api/v1/tips?held=me", token=stays).json["tips"]], [ids[0]])
        self.assertEqual(d.metrics()["tipline_leavers_released_total"], 2)
        self.replay(d)

    def expire(self, d, person):
        """The token of that person ran out."""
        path = os.path.join(d.state, "tokens.jsonl")
        with open(path, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        for row in rows:
            if row["person"] == person:
                row["expires"] = "2026-01-01T00:00:00Z"
        with open(path + ".new", "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.writelines(json.dumps(row) + "\n" for row in rows)
        os.rename(path + ".new", path)

    # --- once ---------------------------------------------------------------------------------

    def check_once(self, d, sent, levels):
        """Every tip went up each level once, in order, and no clock ran short."""
        ways = collections.defaultdict(list)
        for e in self.escalations(d):
            ways[e["id"]].append((e["from"], e["to"]))
            self.assertGreaterEqual(e["waited"], 1000, e)
        expected = [("150602", "150600"), ("150600", "150000"), ("150000", "000000")][:levels]
        self.assertEqual({tip: ways[tip] for tip in sent if ways[tip] != expected}, {})
        self.assertEqual(len(ways), len(sent))

    def test_two_daemons_do_it_once(self):
        redis = Redis().start()
        self.addCleanup(redis.remove)
        one = Daemon(f"store.address={redis.address}", "money.enabled=false", *limits(unopened=1))
        one.start()
        self.addCleanup(one.close)
        keys = os.path.join(one.state, "keys")
        two = Daemon(f"store.address={redis.address}", "money.enabled=false", f"keys.dir={keys}", *limits(unopened=1))
        two.start()
        self.addCleanup(two.close)
        one.store = two.store = redis.socket
        sent = [d.tip(DONGSHENG, key=f"two-{n}")["id"] for n, d in enumerate([one, two] * 15)]
        wait_for(lambda: len(self.escalations(one)) >= 3 * len(sent), 40, "all are at the top")
        time.sleep(1.5)
        self.check_once(one, sent, 3)
        leading = [d.metrics()["tipline_escalation_leading"] for d in (one, two)]
        self.assertGreaterEqual(sum(leading), 1)
        moved = [d.metrics()['tipline_escalated_total{why="unopened"}'] for d in (one, two)]
        self.assertEqual(sum(moved), 3 * len(sent), moved)
        self.replay(one, "--store", redis.address)

    def test_killed_at_any_moment_it_happens_once(self):
        d = self.daemon(*limits(unopened=1))
        dice, sent = random.Random(SEED), []
        for n in range(40):
            sent.append(d.tip(DONGSHENG, key=f"kill-{n}")["id"])
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.0, 0.7))
            d.kill()
            d.start()
        wait_for(lambda: len(self.escalations(d)) >= 3 * len(sent), 60, "all are at the top")
        time.sleep(1.5)
        self.check_once(d, sent, 3)
        self.replay(d)

    def test_replay_notices_and_mends(self):
        d = self.daemon(*limits(unopened=2))
        sent = d.tip(DONGSHENG)
        wait_for(lambda: self.escalations(d), 60, "one level up")
        d.signal(19)
        self.addCleanup(d.signal, 18)
        state, member = "{15}:state:" + sent["id"], "150602 " + sent["id"]
        rank = d.redis("zscore", "{15}:clocks", sent["id"]).strip()
        level, clock = d.redis("hget", state, "l").strip(), d.redis("hget", state, "k").strip()
        for undo, *change in ((("zadd", "{15}:clocks", rank, sent["id"]), "zrem", "{15}:clocks", sent["id"]),
                              (("zrem", "{15}:asked", sent["id"]), "zadd", "{15}:asked", "5", sent["id"]),
                              (("zadd", "{15}:escalated", "0", member), "zrem", "{15}:escalated", member),
                              (("hset", state, "l", level), "hdel", state, "l"),
                              (("hset", state, "k", clock), "hset", state, "k", "s 7 0")):
            d.redis(*change)
            done = tipctl("replay", "--state", d.state, "--quiet")
            self.assertEqual(done.returncode, 1, (change, done.stdout))
            self.assertIn(change[1], done.stdout)
            d.redis(*undo)
            self.replay(d)
        empty = Redis().start()
        self.addCleanup(empty.remove)
        self.replay(d, "--into", empty.address)
        for command in (("zrange", "{15}:clocks", "0", "-1", "withscores"), ("hmget", state, "s", "v", "k", "l"),
                        ("zrange", "{15}:escalated", "0", "-1")):
            self.assertEqual(sorted(empty.cli(*command).split("\n")), sorted(d.redis(*command).split("\n")), command)


if __name__ == "__main__":
    main()
