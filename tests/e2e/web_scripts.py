#!/usr/bin/python3
"""The public pages' scripts in a browser: leaving, the check within the form's page, uploads; and all of it without scripts."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import CHROMIUM, Browser  # noqa: E402
from tipline import Daemon, jpeg, main  # noqa: E402

TEXT = "昨天下午在汽车站看到一个哭闹的小女孩被一名男子强行带走"


@unittest.skipUnless(CHROMIUM, "chromium is not installed")
class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon().start()
        cls.b = Browser()
        cls.b.ask("Log.enable")
        cls.at = f"http://{cls.d.ports['public']}"

    @classmethod
    def tearDownClass(cls):
        cls.b.close()
        cls.d.close()

    def setUp(self):
        self.b.open("about:blank")
        self.b.events.clear()

    def open(self, path):
        self.b.open(self.at + path)

    def fill(self, **fields):
        for name, value in fields.items():
            self.b.run(f"document.getElementById('{name}').value = {json.dumps(value)}")

    def click(self, selector):
        self.b.run(f"document.querySelector({json.dumps(selector)}).click()")

    def shows(self, script, what):
        return self.b.until(script, what)

    def test_leaving_replaces_the_page(self):
        for way in ("link", "keys"):
            self.b.open("about:blank")
            self.open("/?lang=en")
            self.open("/report?lang=en")
            before = self.b.run("history.length")
            if way == "link":
                self.click("#exit")
            else:
                for _ in range(2):
                    self.b.press("Shift", 16)
                self.b.press("a", 65)
                self.b.press("Shift", 16)
                self.assertIn("/report", self.b.run("location.href"), "not three times in a row")
                for _ in range(2):
                    self.b.press("Shift", 16)
            self.shows("location.pathname === '/exit'", "gone")
            self.assertEqual(self.b.run("history.length"), before, "in its place")
            self.assertEqual(self.b.run("document.body.innerText.trim()"), "")
            self.assertFalse(self.b.policy_broken())

    def test_going_back_finds_what_was_typed(self):
        self.open("/report?lang=en")
        self.fill(text=TEXT + "\n第二行", place="北门", region="150000")
        self.click("input[value=child]")
        self.click("button.main")
        self.shows("document.querySelector('.answers') && document.body.innerText.indexOf('北门') > 0", "the check")
        self.assertEqual(self.b.run("location.pathname"), "/report")
        self.b.run("history.back()")
        self.shows("document.getElementById('text')", "the form again")
        self.assertEqual(self.b.run("document.getElementById('text').value"), TEXT + "\n第二行")
        self.assertEqual(self.b.run("document.getElementById('region').value"), "150000")
        self.assertTrue(self.b.run("document.querySelector('input[value=child]').checked"))
        self.click("button.main")
        self.shows("document.querySelector('.answers')", "the check again")
        self.click("button[formaction='/report#place']")
        self.shows("document.activeElement.id === 'place'", "the field to change has the focus")
        self.fill(place="南门")
        self.click("button.main")
        self.shows("document.querySelector('.answers') && document.body.innerText.indexOf('南门') > 0", "the change")
        self.assertEqual(self.b.run("localStorage.length + sessionStorage.length + document.cookie.length + window.name.length"), 0)
        self.click("button.main")
        self.shows("document.querySelector('.code')", "the code")
        self.assertFalse(self.b.policy_broken())
        tip = self.d.claim("150000", max=100)[-1]
        self.assertEqual((tip["place"], tip["text"].replace("\r", "")), ("南门", TEXT + "\n第二行"))

    def test_another_language_keeps_what_was_typed(self):
        self.open("/report?lang=en")
        self.fill(text=TEXT, place="北门")
        self.click("nav.switches a[hreflang='zh-CN']")
        self.shows("document.documentElement.lang === 'zh-CN' && document.getElementById('text')", "the other language")
        self.assertEqual(self.b.run("document.getElementById('text').value + document.getElementById('place').value"), TEXT + "北门")
        self.click("button[name=size]")
        self.shows("document.documentElement.className === 'large' && document.getElementById('text')", "large")
        self.assertEqual(self.b.run("document.getElementById('text').value + document.getElementById('place').value"), TEXT + "北门")
        self.click("button.main")
        self.shows("document.querySelector('.answers')", "the check")
        self.click("#back button[value=en]")
        self.shows("document.documentElement.lang === 'en' && document.querySelector('.answers')", "the check in the first one")
        self.assertEqual(self.b.run("document.documentElement.className"), "large")
        self.open("/report?lang=en")
        self.fill(text=TEXT)
        self.click("button.main")
        self.shows("document.querySelector('.answers')", "the check within the form's page")
        self.click("nav.switches a:last-child")
        self.shows("document.documentElement.className === 'large' && document.querySelector('.answers')", "the check, large")
        self.assertIn(TEXT, self.b.run("document.body.innerText"))
        self.open("/report?lang=en&size=large")
        self.fill(text=TEXT)
        self.click("button.main")
        self.shows("document.querySelector('.answers')", "the check, large")
        self.click("nav.switches a:last-child")
        self.shows("document.documentElement.className === '' && document.querySelector('.answers')", "the check, of the usual size")
        self.assertFalse(self.b.policy_broken())

    def test_faults_take_the_focus(self):
        self.open("/report?lang=en")
        self.click("button.main")
        self.shows("document.activeElement.className === 'summary'", "the summary has the focus")
        self.fill(text=TEXT)
        self.click("button.main")
        self.shows("document.querySelector('.answers')", "the check")
        self.assertFalse(self.b.policy_broken())

    def test_upload_with_progress(self):
        with tempfile.NamedTemporaryFile(suffix=".jpg") as photo:
            photo.write(jpeg(b"p" * 300000))
            photo.flush()
            os.chmod(photo.name, 0o644)
            self.open("/report?lang=en")
            self.fill(text=TEXT + "。有照片")
            self.click("button.main")
            self.shows("document.querySelector('.answers')", "the check")
            self.b.choose("#file", photo.name)
            self.click("button[formaction='/report#text']")
            self.shows("document.activeElement.id === 'text'", "back")
            self.click("button.main")
            self.shows("document.querySelector('.answers') && document.getElementById('file').files.length === 1", "the file is still chosen")
            self.click("button.main")
            self.shows("document.querySelector('.code')", "the code")
        self.assertFalse(self.b.policy_broken())
        code = self.b.run("document.querySelector('.code').innerText.replace(/\\s/g, '')")
        self.fill(last=code[-4:])
        self.click("button.main")
        self.shows("document.querySelector('.state-name')", "the status")
        self.assertNotIn(code[-4:], self.b.run("location.href").split(":", 2)[2])

    def test_without_scripts(self):
        self.b.ask("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.open("/report?lang=en")
            self.fill(text=TEXT + "。没有脚本")
            self.click("button.main")
            self.shows("location.pathname === '/report/check' && document.querySelector('.answers')", "the check")
            self.click("button[formaction='/report#when']")
            self.shows("location.pathname === '/report' && document.getElementById('when')", "the form")
            self.assertEqual(self.b.run("document.getElementById('text').value"), TEXT + "。没有脚本")
            self.click("button.main")
            self.shows("document.querySelector('.answers')", "the check")
            self.click("#tip button.main")
            self.shows("document.querySelector('.code')", "the code")
            self.click("#exit")
            self.shows("location.pathname === '/exit'", "gone")
        finally:
            self.b.ask("Emulation.setScriptExecutionDisabled", value=False)

    def test_narrow_screens_and_targets(self):
        self.b.ask("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=1, mobile=False)
        try:
            for path in ("/", "/report", "/receipt", "/about", "/rewards", "/transparency"):
                for extra in ("", "&size=large"):
                    self.open(f"{path}?lang=en{extra}")
                    self.assertLessEqual(self.b.run("document.documentElement.scrollWidth"), 320, path)
                    small = self.b.run("""Array.from(document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary'))
                        .filter(e => e.className !== 'skip' && e.getClientRects().length && !(e.tagName === 'A' && e.closest('p') && !e.className))
                        .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 23.99; })
                        .map(e => e.outerHTML.slice(0, 120))""")
                    self.assertEqual(small, [], path)
        finally:
            self.b.ask("Emulation.clearDeviceMetricsOverride")


if __name__ == "__main__":
    main()
