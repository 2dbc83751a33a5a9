#!/usr/bin/python3
"""A third language is one file: beside a copy of the others, built into a daemon, and its pages are there."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from tipline import BUILD, PATIENCE, ROOT, Daemon, main, new_dir

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
NAME = "Монгол"


def translated(po):
    """Every text within corner brackets, so that one that was left out shows; its name and its language by themselves."""
    po = po.replace("Language: en", "Language: mn")
    po = re.sub(r'(msgid "[^"]+"\nmsgstr )"((?:[^"\\]|\\.)+)"', r'\1"⟦\2⟧"', po)
    return re.sub(r'(msgid "lang.name"\nmsgstr )".*"', rf'\1"{NAME}"', po)


def built(po):
    """The program with this file as third language. What does not depend on languages is taken from the build."""
    home = new_dir("tipline-language-")
    build, locale = os.path.join(home, "build"), os.path.join(home, "locale")
    shutil.copytree(os.path.join(ROOT, "config/locale"), locale)
    with open(os.path.join(locale, "mn.po"), "w", encoding="utf-8") as f:
        f.write(po)
    os.mkdir(build)
    for name in os.listdir(BUILD):
        if name in ("obj", "gen", "locale") or name.endswith(".a"):
            subprocess.run(["cp", "-a", os.path.join(BUILD, name), build], check=True)
    program = os.path.join(build, "tiplined")
    san = ["SAN=address,undefined"] if "san" in BUILD.split(os.sep) else []
    subprocess.run(["make", "-s", f"B={build}", f"LOCALE={locale}", *san, program], cwd=ROOT, check=True, timeout=300 * PATIENCE,
                   stdout=sys.stderr)
    return program


class Translated(Daemon):
    program = None

    def command(self):
        listen = [f"listen.{site}=127.0.0.1:0" for site in ("public", "staff", "ops")]
        return [self.program, "--demo", *(word for s in (f"state_dir={self.state}", *listen, *self.sets) for word in ("--set", s))]


class ThirdLanguage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ROOT, "config/locale/en.po"), encoding="utf-8") as f:
            cls.po = translated(f.read())
        Translated.program = built(cls.po)
        cls.d = Translated("web.sms_number=106900").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        shutil.rmtree(os.path.dirname(os.path.dirname(Translated.program)), ignore_errors=True)

    def whole(self, page):
        """Every word that the page says is of the language."""
        self.assertIn('<html lang="mn"', page.text)
        body = re.sub(r"(?s)<(script|select|pre)\b.*?</\1>|<title>.*?</title>|<[^>]*>", "\n", page.text)
        said = re.sub(r"⟦[^⟦⟧]*⟧", "", re.sub(r"⟦[^⟦⟧]*⟧", "", body))
        self.assertNotRegex(said.replace("English", "").replace("tlog", ""), r"[A-Za-z]{4,} [a-z]+", page.text[:200])

    def test_pages_are_in_it(self):
        for path in ("/", "/report", "/receipt", "/about", "/rewards", "/transparency", "/nothing"):
            with self.subTest(path=path):
                self.whole(self.d.get(f"{path}?lang=mn"))
        self.assertIn("⟦Tell us what you know⟧", self.d.get("/?lang=mn").text)

    def test_the_browser_asks_for_it(self):
        self.assertIn('<html lang="mn"', self.d.get("/", Accept_Language="mn-Cyrl,mn;q=0.9,en;q=0.5").text)
        self.assertIn('<html lang="zh-CN"', self.d.get("/", Accept_Language="zh").text)

    def test_every_page_leads_to_it(self):
        for lang in ("zh-CN", "en"):
            page = self.d.get(f"/about?lang={lang}").text
            self.assertIn(f'<a href="/about?lang=mn" lang="mn" hreflang="mn">{NAME}</a>', page)
        page = self.d.get("/about?lang=mn").text
        self.assertIn('hreflang="zh-CN"', page)
        self.assertIn('hreflang="en"', page)

    def test_a_report_stays_in_it(self):
        fields = {"text": TEXT, "lang": "mn"}
        self.whole(self.d.form("/report/check", {"lang": "mn"}))
        self.assertIn("⟦Check your answers⟧", self.d.form("/report/check", fields).text)
        sent = self.d.form("/tips", fields)
        self.assertEqual(sent.status, 201)
        code = "".join(re.findall(r"<span>(\d{4})</span>", sent.text))
        status = self.d.form("/receipt", {"code": code, "lang": "mn"})
        self.assertIn("⟦Waiting⟧", status.text)

    def test_a_text_that_is_missing_is_told_at_the_start(self):
        program = built(re.sub(r'msgid "form.title"\nmsgstr "[^"]*"\n', "", self.po))
        done = subprocess.run([program, "--set", f"state_dir={os.path.join(os.path.dirname(program), 's')}"], capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=False)
        shutil.rmtree(os.path.dirname(os.path.dirname(program)), ignore_errors=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("locale mn: the message form.title is missing", done.stdout + done.stderr)


if __name__ == "__main__":
    main()
