#!/usr/bin/python3
"""
The figures in public: a daemon lives through two months (faketime moves its clock), opens them, and shows on the page, as JSON
and as CSV what `tipctl log recount --print` counts from the files that `tipctl log fetch` took.
"""
import csv
import glob
import html.parser
import io
import os
import re
import shutil
import subprocess
import unittest

from tipline import BUILD, PATIENCE, Daemon, main, new_dir, wait_for

TIPCTL = os.path.join(BUILD, "tipctl")
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
PLACES = {"150602": "鄂尔多斯市东胜区", "150621": "鄂尔多斯市达拉特旗", "150625": "鄂尔多斯市杭锦旗", "150626": "鄂尔多斯市乌审旗",
          "110105": "北京市朝阳区"}
# How many tips of each place in a month: three and two are too few for rows of their own, together they are enough for one.
MONTHS = ({"150602": 7, "150621": 6, "150625": 3, "150626": 2, "110105": 2}, {"150602": 12, "150625": 5, "110105": 9})
DAYS = (66, 33)        # before today: two months, both over for more than a week
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(html.parser.HTMLParser):
    """Tags are closed as they were opened; the rows of tables by their heading."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.links, self.ids, self.cell = [], {}, [], [], None
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"
        assert len(self.ids) == len(set(self.ids)), "an id twice"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag != "script" or attrs == {"src": "/exit.js", "defer": None}, attrs
        assert not any(name.startswith("on") or name == "style" for name in attrs), tag
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "table":
            self.rows = self.tables[attrs["aria-labelledby"]] = []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = ""
        if tag == "a":
            self.links.append(attrs["href"])

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def at_day(daemon, days):
    """Starts the daemon so many days before today; its clock goes on from there."""
    fake = {"LD_PRELOAD": FAKETIME[0], "FAKETIME": f"-{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")} if days else {}
    before = dict(os.environ)
    os.environ.update(fake)
    try:
        daemon.spawn()
    finally:
        os.environ.clear()
        os.environ.update(before)
    wait_for(daemon.listens, 30, f"tiplined listens; see {daemon.log_path}")
    daemon.wait_ready()


@unittest.skipUnless(FAKETIME, "faketime is not installed")
class Transparency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = new_dir("tipline-transparency-")
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.d = Daemon("log.interval_s=1", "log.origin=tips.example/log")
        cls.addClassCleanup(cls.d.close)
        for days, tips in zip(DAYS, MONTHS):
            at_day(cls.d, days)
            cls.live(tips)
            assert cls.d.stop() == 0
        cls.d.start()
        wait_for(lambda: cls.months("15") == 2 and cls.months("11") == 2, 120, "two months are opened")
        wait_for(lambda: (api := cls.d.get("/api/v1/transparency").json)["next"]["month"] > api["months"][-1], 120, "all logs are opened")

    @classmethod
    def live(cls, tips):
        """A month: what comes in is looked at and closed, and all of it sealed."""
        number = 0
        for place, n in tips.items():
            for _ in range(n):
                number += 1
                cls.d.tip(f"第{number}次在{PLACES[place]}看到有人夜里倾倒化学废料，{number * 37}号院", place=PLACES[place], region=place)
        for i, tip in enumerate(cls.d.take_all()):
            note = {"outcome": "unfounded" if i % 3 else "duplicate", "note": "looked at"}
            assert cls.d.act(tip["id"], "close", note).status == 200

        # Every event, not so many leaves: a batch is filled up with such as are of none.
        cls.d.settle()
        cls.d.wait_sealed()

    @classmethod
    def months(cls, log):
        return len(cls.d.get(f"/log/{log}/openings").json["months"])

    def api(self, query=""):
        answer = self.d.get("/api/v1/transparency" + query)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def page(self, query):
        answer = self.d.get("/transparency" + query)
        self.assertEqual(answer.status, 200, answer)
        style = self.d.get("/style.css")
        self.assertLess(len(answer.body) + len(style.body), 60 * 1024)
        return Page(answer.text)

    # --- counted again ------------------------------------------------------------------

    def recount(self, log):
        """{month: rows} as tipctl prints them, from a mirror that was just taken."""
        mirror = os.path.join(self.work, log)
        fetched = subprocess.run([TIPCTL, "log", "fetch", f"http://{self.d.ports['public']}/log/{log}", mirror, "--quiet"], text=True,
                                 capture_output=True, timeout=120 * PATIENCE, env=dict(os.environ, no_proxy="*"))
        self.assertEqual(fetched.returncode, 0, fetched.stderr)
        verified = subprocess.run([TIPCTL, "log", "verify", mirror], text=True, capture_output=True, timeout=120 * PATIENCE)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        done = subprocess.run([TIPCTL, "log", "recount", mirror, "--print"], text=True, capture_output=True, timeout=120 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found, month = {}, None
        for line in done.stdout.splitlines():
            if re.fullmatch(r"\d{4}-\d\d", line):
                month = found.setdefault(line, [])
            elif len(line.split(" ")) == 7 and not line.startswith("whole"):
                month.append(tuple(line.split(" ")))
        return found

    def test_figures_are_what_recount_gives(self):
        logs = [log["log"] for log in self.api().json["logs"] if log["months"]]
        self.assertGreaterEqual(set(logs), {"15", "11"})
        rows = 0
        for log in logs:
            for month, counted in self.recount(log).items():
                query = f"?month={month}&log={log}"
                shown = self.api(query).json
                self.assertEqual(shown["month"], month)
                none = lambda value: "-" if value is None else str(value)
                self.assertEqual([(r["event"], none(r["outcome"]), none(r["region"]), str(r["count"]), none(r["amount_fen"]), none(r["median_hours"]),
                                   none(r["p90_hours"])) for r in shown["figures"]], counted)
                table = list(csv.DictReader(io.StringIO(self.api(query + "&format=csv").text)))
                names = ("event", "outcome", "region", "count", "amount_fen", "median_hours", "p90_hours")
                self.assertEqual([tuple(row[name] or "-" for name in names) for row in table], counted)
                self.assertEqual({(row["log"], row["month"]) for row in table} or {(log, month)}, {(log, month)})
                for lang in ("en", "zh-CN"):
                    tables = self.page(f"{query}&lang={lang}").tables
                    self.assertEqual(sorted(self.numbers(tables)), sorted(int(row[3]) for row in counted))
                rows += len(counted)
        self.assertGreater(rows, 8)

    @staticmethod
    def numbers(tables):
        """The count of each row: the first cell of digits alone."""
        for rows in tables.values():
            for row in rows[1:]:
                yield int(next(cell for cell in row[1:] if re.fullmatch(r"[\d,]+", cell)).replace(",", ""))

    # --- in words -------------------------------------------------------------------------

    def test_small_cells_are_merged_and_said(self):
        first, second = self.api().json["months"]
        self.assertEqual({"received", "first-look", "closed"} - set(self.page(f"?month={first}").tables), set())
        received = dict((row[0], row[1]) for row in self.page(f"?month={first}&lang=zh-CN").tables["received"][1:])
        self.assertEqual(received["鄂尔多斯市东胜区"], "7")
        self.assertEqual(received["鄂尔多斯市达拉特旗"], "6")
        self.assertFalse({"鄂尔多斯市杭锦旗", "鄂尔多斯市乌审旗"} & set(received))
        self.assertNotIn("北京市朝阳区", received)
        self.assertEqual(received["鄂尔多斯市：其他县市区"], "5")
        received = dict((row[0], row[1]) for row in self.page(f"?month={second}&lang=en").tables["received"][1:])
        self.assertEqual((received["150602 Dongsheng"], received["150625 Hangjin"], received["110105 Chaoyang"]), ("12", "5", "9"))
        self.assertIn("fewer than 5", self.d.get(f"/transparency?lang=en&month={first}").text)

    def test_logs_and_links(self):
        api = self.api().json
        page = self.page("?lang=en")
        text = self.d.get("/transparency?lang=en").text
        self.assertIn("signed; no witnesses are asked", text)
        self.assertGreater(api["next"]["month"], api["months"][-1])
        for link in page.links:
            if link.startswith(("/log/", "/transparency", "/api/")):
                self.assertEqual(self.d.get(link).status, 200, link)
        for path in ("/", "/receipt"):
            self.assertIn("/transparency?lang=en", self.d.get(path + "?lang=en").text)

    def test_what_is_known_is_not_sent_again(self):
        answer = self.api()
        again = self.d.get("/api/v1/transparency", **{"If-None-Match": answer.headers["ETag"]})
        self.assertIn(again.status, (200, 304))     # a checkpoint may have come between
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")

    def test_wrong_questions(self):
        for query, status in (("?month=2026-13", 400), ("?month=x", 400), ("?format=pdf", 400), ("?log=16x", 404), ("?month=1999-01", 404)):
            self.assertEqual(self.d.get("/api/v1/transparency" + query).status, status, query)
        self.assertEqual(self.d.get("/transparency?month=x").status, 404)


main()
