#!/usr/bin/python3
"""Rules and campaigns of the operator, at the start and on reload; and what outcomes say of the score."""
import json
import os
import shutil
import signal
import subprocess
import unittest

from tipline import BUILD, PATIENCE, Daemon, main, new_dir, wait_for

CAMPAIGN = """campaigns:
  - name: {name}
    points: {points}
    reason: {{ zh-CN: 专项寻找白车, en: search for a white van }}
    all: [[汽车站], [面包车]]
    from: 2020-01-01
    match: [汽车站有面包车]
    no_match: [汽车站]
"""
TEXT = "东胜区汽车站停着一辆面包车"
OFF = "campaigns:\n  - { name: old, points: 30, reason: { zh-CN: a, en: a }, any: [面包车], until: 2020-01-01, " \
      "match: [面包车], no_match: [车] }\n"


def reasons(daemon, tip):
    found = daemon.staff("GET", f"/api/v1/tips/{tip}").json
    return {reason["name"]: reason["points"] for reason in found["reasons"]}


class Campaigns(unittest.TestCase):
    def setUp(self):
        self.dir = new_dir()
        self.addCleanup(shutil.rmtree, self.dir, True)

    def put(self, text, name="van.yaml"):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text)

    def daemon(self):
        d = Daemon(f"campaigns.dir={self.dir}").start()
        self.addCleanup(d.close)
        return d

    def take(self, d):
        """The score and the reasons of a new tip."""
        d.tip(TEXT)
        d.settle()
        tip = d.claim(max=1)[0]
        return tip["score"], reasons(d, tip["id"])

    def test_a_campaign_is_taken_over_and_given_up_by_reload(self):
        d = self.daemon()
        before, why = self.take(d)
        self.put(CAMPAIGN.format(name="white_van", points=30))
        self.put("no yaml at all: [", name="notes.txt")
        self.put(OFF, name="old.yaml")
        d.signal(signal.SIGHUP)
        wait_for(lambda: "rules.changed" in d.log(), 20, "the campaign is in force")
        after, why = self.take(d)
        self.assertEqual((after - before, why["white_van"], why.get("old")), (30, 30, None))
        self.put(CAMPAIGN.format(name="white_van", points=20))
        d.signal(signal.SIGHUP)
        wait_for(lambda: d.log().count("rules.changed") == 2, 20, "other points are in force")
        self.assertEqual(self.take(d)[0] - before, 20)
        os.remove(os.path.join(self.dir, "van.yaml"))
        d.signal(signal.SIGHUP)
        wait_for(lambda: d.log().count("rules.changed") == 3, 20, "the campaign is over")
        self.assertEqual(self.take(d)[0], before)

    def test_a_wrong_file_changes_nothing_on_reload(self):
        self.put(CAMPAIGN.format(name="white_van", points=30))
        d = self.daemon()
        before = self.take(d)
        for n, wrong in enumerate([CAMPAIGN.format(name="learned", points=30), "campaigns: [", CAMPAIGN.format(name="x", points=0),
                                   CAMPAIGN.format(name="x", points=5).replace("no_match: [汽车站]", "no_match: [汽车站有面包车]")], 1):
            self.put(wrong)
            d.signal(signal.SIGHUP)
            wait_for(lambda n=n: d.log().count("rules.refused") == n, 20, "the wrong file is refused")
            self.assertEqual(self.take(d), before)
        self.assertIn("van.yaml:", d.log())
        self.assertNotIn("rules.changed", d.log())

    def test_a_wrong_file_is_told_at_the_start_and_by_check_config(self):
        self.put(CAMPAIGN.format(name="white_van", points=300))
        sets = ["--set", f"campaigns.dir={self.dir}", "--set", f"state_dir={self.dir}/s"]
        for program in (["tiplined"], ["tipctl", "check-config"]):
            done = subprocess.run([os.path.join(BUILD, program[0]), *program[1:], *sets], capture_output=True, text=True,
                                  timeout=60 * PATIENCE, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("van.yaml:3: rule 'white_van': points: must lie between -100 and 100", done.stderr)
        self.put(CAMPAIGN.format(name="white_van", points=30))
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "check-config", *sets], capture_output=True, text=True, timeout=60 * PATIENCE,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"), done.stderr)

    def test_rules_of_the_operator_replace_ours(self):
        self.put("rules:\n  - { name: own, points: 7, reason: { zh-CN: a, en: a }, any: [面包车], match: [面包车], no_match: [车] }\n")
        d = Daemon(f"rules.dir={self.dir}").start()
        self.addCleanup(d.close)
        score, why = self.take(d)
        self.assertEqual((score, why), (37, {"own": 7}))


class Report(unittest.TestCase):
    def test_outcomes_of_a_running_line(self):
        d = Daemon().start()
        self.addCleanup(d.close)
        texts = [("一个女孩被关在地下室 车牌京A1234%d", "verified"), ("听说有人%d", "unfounded"), ("哈哈哈逗你玩%d", "prank"),
                 ("东胜区有人看到孩子%d", "duplicate")]
        for n in range(3):
            for text, _ in texts:
                d.tip(text % n)
        d.settle()
        tips = d.take_all()
        self.assertEqual(len(tips), 12)
        for tip in tips:
            outcome = next(o for text, o in texts if tip["text"].startswith(text[:4]))
            self.assertEqual(d.act(tip["id"], "close", {"rev": tip["rev"], "outcome": outcome, "note": "x"}).status, 200)
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "score-report", "--state", d.state, "--json", "--quiet", "--by",
                               "region"], capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["accepted"], report["left_out"], report["outcomes"]["tips"], report["outcomes"]["true"]),
                         (12, 3, 9, 3))
        self.assertEqual(report["area"]["value"], 1.0)
        rules = {rule["name"]: rule for rule in report["rules"]}
        self.assertEqual((rules["confined"]["with"]["tips"], rules["confined"]["with"]["true"], rules["confined"]["advice"]),
                         (3, 3, "too_few"))
        self.assertEqual(sum(band["tips"] for band in report["bands"]), 9)
        self.assertEqual(sum(group["tips"] for group in report["groups"]), 9)
        none = subprocess.run([os.path.join(BUILD, "tipctl"), "score-report", "--state", d.state, "--quiet", "--until", "2020-01-01"],
                              capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
        self.assertEqual((none.returncode, none.stdout.splitlines()[0]), (1, "Tips accepted until 2020-01-01"))

    def test_a_file_that_cannot_be_read_is_no_empty_one(self):
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "score-report", "--outcomes", "/"], capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("tipctl: cannot read /: ", done.stderr)


if __name__ == "__main__":
    main()
