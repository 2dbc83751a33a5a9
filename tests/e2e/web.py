#!/usr/bin/python3
"""The web form: pages in two languages, tips with and without files, refusals that help."""
import html
import os
import re
import shutil
import subprocess
import unittest

from tipline import ROOT, Daemon, jpeg, main, pdf, wait_for

MORE = ("/about", "/rewards")
TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"


def code_of(page):
    groups = re.findall(r"<span>(\d{4})</span>", page)
    return "".join(groups) if len(groups) == 6 else None


def hidden_of(page, form=None):
    """The hidden fields of a page, or of its form with that id."""
    text = page.text
    if form:
        text = re.search(rf'<form id="{form}".*?</form>', text, re.S).group(0)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return {name: html.unescape(value) for name, value in found}


class Report(unittest.TestCase):
    """From the start to the status as a browser without scripts goes."""

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("web.telephone=010-12345", "web.sms_number=106900").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    FIELDS = {"text": TEXT + "\r\n第二行 <b>&\"", "place": "东胜区'汽车站", "region": "150000", "when": "昨天", "category": "child",
              "contact": "微信 abc"}

    def test_start_leads_to_the_form_and_tells_other_ways(self):
        for lang, begin in (("zh-CN", "开始填写"), ("en", "Start")):
            page = self.d.get(f"/?lang={lang}&size=large")
            self.assertIn(f'href="/report?lang={lang}&amp;size=large">{begin}</a>', page.text)
            self.assertIn("010-12345", page.text)
            self.assertIn("106900", page.text)
            self.assertIn('class="large"', self.d.get(f"/report?lang={lang}&size=large").text)

    def test_check_keeps_everything_forth_and_back(self):
        form = self.d.get("/report?lang=en&size=large")
        sent = {**self.FIELDS, **hidden_of(form)}
        self.assertEqual((sent["lang"], sent["size"]), ("en", "large"))
        check = self.d.form("/report/check", sent)
        self.assertEqual(check.status, 200)
        for name in ("tip", "back"):
            kept = hidden_of(check, name)
            kept["text"] = kept["text"].replace("\n", "\r\n").replace("\r\r", "\r")
            self.assertEqual(kept, sent)
        self.assertIn("<dd>Inner Mongolia", check.text)
        self.assertIn('class="large"', check.text)
        again = self.d.form("/report", hidden_of(check, "back"))
        self.assertEqual(again.status, 200)
        self.assertIn("第二行 &lt;b&gt;&amp;&quot;</textarea>", again.text)
        self.assertIn('value="150000" selected', again.text)
        self.assertRegex(again.text, r'value="child"[^>]* checked')
        self.assertIn(sent["nonce"], again.text)
        self.assertNotIn('class="fault"', again.text)
        other = self.d.form("/report/check", [*hidden_of(check, "back").items(), ("lang", "zh-CN")])
        self.assertIn("核对后提交", other.text, "the button's language counts")
        self.assertEqual(len(self.d.claim("000000", max=100)), 0, "nothing was kept")

    def test_every_fault_is_linked(self):
        sent = {"text": " ", "place": "x" * 5000, "region": "999999", "when": "y" * 5000, "category": "z" * 5000,
                "contact": "a" * 5000}
        for lang in ("zh-CN", "en"):
            for path in ("/report/check", "/tips"):
                page = self.d.form(path, {**sent, "lang": lang})
                self.assertEqual(page.status, 400)
                for field in sent:
                    self.assertEqual(page.text.count(f'<a href="#{field}">'), 1, field)
                    self.assertEqual(page.text.count(f'id="{field}"'), 1, field)
                    self.assertEqual(page.text.count(f'id="{field}-fault"'), 1, field)
                self.assertIn('tabindex="-1" autofocus', page.text)
        page = self.d.form("/report/check", {"text": "长" * 25000})
        self.assertEqual(page.status, 400)
        self.assertIn('href="#text"', page.text)

    def test_files_are_chosen_where_it_is_sent(self):
        check = self.d.form("/report/check", {**self.FIELDS, "lang": "en"})
        self.assertNotIn('type="file"', self.d.get("/report").text)
        self.assertIn('type="file"', check.text)
        refused = self.d.upload(hidden_of(check, "tip"), [("file", "a.jpg", "image/jpeg", b"#!/bin/sh\n" * 99)])
        self.assertEqual(refused.status, 415)
        self.assertIn('href="#file"', refused.text)
        self.assertIn("This kind of file is not taken", refused.text)
        self.assertEqual(hidden_of(refused, "tip")["text"], hidden_of(check, "tip")["text"])
        sent = self.d.upload(hidden_of(refused, "tip"), [("file", "a.jpg", "image/jpeg", jpeg())])
        self.assertEqual(sent.status, 201)

    def test_last_four_digits(self):
        page = self.d.form("/tips", {**self.FIELDS, "text": TEXT + "四位", "lang": "en"})
        code, fields = code_of(page.text), hidden_of(page, "confirm")
        self.assertIn("seal", fields)
        self.assertIn("promise", fields)
        self.assertNotRegex(page.text, r'(?:href|action)="[^"]*\d{4}')
        for last in ("", "0", code[-4:] + "1", str((int(code[-4:]) + 1) % 10000).zfill(4)):
            wrong = self.d.form("/receipt/confirm", {**fields, "last": last})
            self.assertEqual(wrong.status, 400)
            self.assertEqual(code_of(wrong.text), code)
            self.assertIn('href="#last"', wrong.text)
            self.assertEqual(hidden_of(wrong, "confirm"), fields, "the same page again, promise and all")
        right = self.d.form("/receipt/confirm", {**fields, "last": f" {code[-4:]} "})
        self.assertEqual(right.status, 200)
        self.assertIn('class="state-name queued"', right.text)

    def test_code_in_another_language_and_size(self):
        page = self.d.form("/tips", {**self.FIELDS, "text": TEXT + "换", "lang": "en"})
        code, fields = code_of(page.text), hidden_of(page, "confirm")
        for more, lang, large in (({"lang": "zh-CN"}, "zh-CN", False), ({"size": "large"}, "en", True)):
            again = self.d.form("/receipt/confirm", {**fields, "again": "yes", **more})
            self.assertEqual((again.status, code_of(again.text)), (200, code))
            self.assertIn(f'<html lang="{lang}"', again.text)
            self.assertEqual('class="large"' in again.text, large)
            self.assertNotIn('class="fault"', again.text)
            self.assertEqual({**hidden_of(again, "confirm"), **more}, {**fields, **more}, "the same page, promise and all")
            self.assertEqual(self.d.form("/receipt/confirm", {**hidden_of(again, "confirm"), "last": code[-4:]}).status, 200)

    def test_no_other_site_has_a_code_shown(self):
        page = self.d.form("/tips", {**self.FIELDS, "text": TEXT + "印"})
        fields = hidden_of(page, "confirm")
        for change in ({"promise": "Send money to"}, {"at": "1"}, {"seal": "0" * 32}, {"seal": ""}):
            for again in ({}, {"again": "yes"}):
                answer = self.d.form("/receipt/confirm", {**fields, **change, **again, "last": "0000"})
                self.assertIsNone(code_of(answer.text), change)
        self.assertEqual(self.d.form("/receipt/confirm", {"code": "1", "last": "1"}).status, 400)

    def test_limit_leaves_the_code_on_the_page(self):
        with Daemon("limits.receipt_tries_per_minute=2", limits=True) as d:
            page = d.form("/tips", {"text": TEXT, "lang": "en"})
            answers = [d.form("/receipt/confirm", {**hidden_of(page, "confirm"), "last": "x"}) for _ in range(4)]
            self.assertEqual([a.status for a in answers], [400, 400, 429, 429])
            self.assertEqual({code_of(a.text) for a in answers}, {code_of(page.text)})
            self.assertIn("Retry-After", answers[-1].headers)


class Told(unittest.TestCase):
    """What the pages say of the configuration and of the book."""

    def test_figures_and_offers(self):
        with Daemon("retention.enabled=true", "sms.memory_days=44", "web.sms_number=106900") as d:
            about = d.get("/about?lang=en").text
            self.assertIn('<th scope="row">', about)
            self.assertRegex(about, r"(?s)<td class=\"n\" data-of=\"Contact\">1095</td>.*<td class=\"n\" data-of=\"Code\">for ever</td>")
            self.assertIn("44 days", about)
            rewards = wait_for(lambda: (lambda t: t if "yuan" in t else None)(d.get("/rewards?lang=en").text), 15, "the demo's policy")
            self.assertIn("5000.00 to 10000.00 yuan", rewards)
            self.assertIn("ordos-anti-trafficking", rewards)
            self.assertIn("5000.00 至 10000.00 元", d.get("/rewards?lang=zh-CN").text)
            code = d.tip(TEXT)["receipt"]
            d.settle()
            status = d.form("/receipt", {"code": code, "lang": "en"}).text
            self.assertRegex(status, r"If nobody opens it for another \d+ (?:minutes?|hours?|days?), it passes to the \w+ level")
            self.assertRegex(d.form("/receipt", {"code": code, "lang": "zh-CN"}).text, "如果再过 [0-9]+ (分钟|小时|天)没有人查看，会自动转到市级")

    def test_without_money_and_without_deletion(self):
        with Daemon("money.enabled=false", "escalation.enabled=false") as d:
            self.assertIn("本站不办理奖励", d.get("/rewards?lang=zh-CN").text)
            about = d.get("/about?lang=en").text
            self.assertIn("nothing is deleted by itself", about)
            self.assertNotIn("most urgent", about)
            status = d.form("/receipt", {"code": d.tip(TEXT)["receipt"], "lang": "en"}).text
            self.assertNotIn("passes to", status.split("</section>")[0])


class Frame(unittest.TestCase):
    """What all pages have, in both languages."""

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon().start()
        receipt = cls.d.form("/tips", {"text": TEXT})
        code = code_of(receipt.text)
        cls.pages = {}
        for lang in ("zh-CN", "en"):
            each = {path: cls.d.get(f"{path}?lang={lang}") for path in
                    ("/", "/report", "/receipt", "/transparency", "/nothing", *MORE)}
            each["faults"] = cls.d.form("/report/check", {"lang": lang})
            each["check"] = cls.d.form("/report/check", {"text": TEXT, "lang": lang})
            each["sent"] = cls.d.form("/tips", {"text": TEXT + lang, "lang": lang})
            each["wrong code"] = cls.d.form("/receipt", {"code": "1", "lang": lang})
            each["status"] = cls.d.form("/receipt", {"code": code, "lang": lang})
            each["claim"] = cls.d.form("/claims", {"code": code, "lang": lang})
            cls.pages.update({(name, lang): page for name, page in each.items()})

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def test_language_title_and_way_out(self):
        for (name, lang), page in self.pages.items():
            with self.subTest(page=name, lang=lang):
                self.assertIn(f'<html lang="{lang}"', page.text)
                self.assertEqual(page.text.count("<h1"), 1)
                body = page.text[page.text.index("<body>"):]
                links = re.findall(r"<a [^>]*>|<button|<input|<select|<textarea|<summary", body)
                self.assertIn('class="skip"', links[0])
                self.assertIn('id="exit" href="/exit"', links[1], "second in the order of the keyboard")
                self.assertNotRegex(re.search("<title>(.*?)</title>", page.text).group(1), "线索|[Rr]eport|[Tt]ip")

    def test_nothing_from_elsewhere_and_nothing_left_behind(self):
        for (name, lang), page in self.pages.items():
            with self.subTest(page=name, lang=lang):
                self.assertIsNone(page.headers["Set-Cookie"])
                self.assertEqual(page.headers["Cache-Control"], "no-store")
                self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
                loaded = re.findall(r'(?:src|href|action|formaction)="([^"]*)"', page.text)
                self.assertTrue(all(re.match(r"/(?!/)|#|data:,$", u) for u in loaded), loaded)
                self.assertNotRegex(page.text, r"<(?:img|iframe|object|embed|style)|\son\w+=|\sstyle=|javascript:")
                self.assertNotRegex(page.text, r"<script(?! src=\"/)|<script[^>]*>[^<]")

    def test_light(self):
        sizes = {path: len(self.d.get(path).body) for path in ("/style.css", "/exit.js", "/form.js", "/proof.js")}
        for (name, lang), page in self.pages.items():
            with self.subTest(page=name, lang=lang):
                parts = set(re.findall(r'(?:src|rel="stylesheet" href)="(/[^"]*)"', page.text))
                self.assertIn("/style.css", parts)
                self.assertLessEqual(1 + len(parts), 6)
                self.assertLessEqual(len(page.body) + sum(sizes[p] for p in parts), 60 * 1024)

    def test_labels_and_references(self):
        for (name, lang), page in self.pages.items():
            with self.subTest(page=name, lang=lang):
                ids = re.findall(r'\sid="([^"]*)"', page.text)
                self.assertEqual(len(ids), len(set(ids)))
                wanted = re.findall(r'(?:aria-labelledby|aria-describedby|for|form)="([^"]*)"', page.text) + \
                    re.findall(r'href="#([^"]*)"', page.text)
                self.assertEqual({i for w in wanted for i in w.split()} - set(ids), set())
                for control in re.findall(r'<(?:input|select|textarea)[^>]*>', page.text):
                    if 'type="hidden"' in control or 'type="radio"' in control:
                        continue
                    self.assertIn(f'for="{re.search(r"id=.([^ >]*).", control).group(1).rstrip(chr(34))}"', page.text)

    def test_links_lead_somewhere(self):
        links = {html.unescape(u) for page in self.pages.values() for u in re.findall(r'<a [^>]*href="(/[^"]*)"', page.text)}
        self.assertGreater(len(links), 10)
        for link in links:
            self.assertEqual(self.d.get(link).status, 200, link)

    def test_exit_says_nothing(self):
        for lang in ("zh-CN", "en"):
            page = self.d.get(f"/exit?lang={lang}")
            self.assertEqual(page.status, 200)
            self.assertEqual(re.search("<body>(.*)</body>", page.text, re.S).group(1).strip(), "")
            self.assertNotIn("<script", page.text)

    @unittest.skipUnless(shutil.which("tidy"), "tidy is not installed")
    def test_html_is_valid(self):
        for (name, lang), page in [*self.pages.items(), (("/exit", ""), self.d.get("/exit"))]:
            with self.subTest(page=name, lang=lang):
                # Debian's tidy knows neither groups in <dl> nor these attributes, which HTML has had since 5.2.
                text = re.sub(r"<dl.*?</dl>", lambda m: re.sub("</?div>", "", m.group(0)), page.text, flags=re.S)
                done = subprocess.run(["tidy", "-q", "-e", "-utf8", "--drop-empty-elements", "no"], input=text.encode(),
                                      capture_output=True, timeout=20, check=False)
                said = [line for line in done.stderr.decode().splitlines()
                        if not re.search('proprietary attribute "(autocomplete|inputmode|autofocus)"', line)]
                self.assertEqual(said, [])


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Style(unittest.TestCase):
    with open(os.path.join(ROOT, "handlers/web/public/style.css"), encoding="utf-8") as f:
        sheet = f.read()

    def colours(self):
        light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", self.sheet.split("@media")[0]))
        dark = re.search(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", self.sheet, re.S).group(1)
        return light, {**light, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))}

    def test_contrast(self):
        for colours in self.colours():
            for ground in ("paper", "card", "accent-wash", "alarm-wash", "warm-wash", "good-wash"):
                for ink in ("ink", "soft", "accent", "alarm"):
                    self.assertGreaterEqual(contrast(colours[ink], colours[ground]), 4.5, (ink, ground))
                self.assertGreaterEqual(contrast(colours["edge"], colours[ground]), 3, ("edge", ground))
            self.assertGreaterEqual(contrast(colours["accent-ink"], colours["accent"]), 4.5)
            self.assertGreaterEqual(contrast(colours["card"], colours["alarm"]), 4.5, "the way out")

    def test_no_colour_beside_the_table(self):
        rest = re.sub(r"--[\w-]+: #[0-9a-f]{6};", "", self.sheet)
        self.assertEqual(set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", rest)) - {"#000000"}, set())
        self.assertNotRegex(self.sheet, r"url\(|@import")


class Form(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("limits.file_bytes=1 MiB").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def test_language_by_header_and_by_query(self):
        for path, headers, tag in (("/", {"Accept_Language": "zh-CN,zh;q=0.9"}, "zh-CN"),
                                   ("/", {"Accept_Language": "en-GB,en;q=0.8"}, "en"),
                                   ("/?lang=en", {"Accept_Language": "zh-CN"}, "en"),
                                   ("/?lang=zh-CN", {"Accept_Language": "en"}, "zh-CN"),
                                   ("/", {}, "zh-CN")):
            page = self.d.get(path, **headers)
            self.assertEqual(page.status, 200)
            self.assertIn(f'<html lang="{tag}"', page.text)
        self.assertNotEqual(self.d.get("/?lang=en").text, self.d.get("/?lang=zh-CN").text)

    def test_pages_may_not_be_kept_or_framed(self):
        for path in ("/", "/receipt"):
            page = self.d.get(path)
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
            self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
            self.assertIsNone(page.headers["Set-Cookie"])

    def test_style_is_there(self):
        style = self.d.get("/style.css")
        self.assertEqual((style.status, style.type), (200, "text/css"))

    def test_urlencoded_tip_gets_a_code(self):
        page = self.d.form("/tips", {"text": TEXT, "lang": "en", "contact": "13800138000"})
        self.assertEqual(page.status, 201)
        code = code_of(page.text)
        self.assertIsNotNone(code)
        self.assertTrue(code.startswith("15"))
        self.assertEqual(int(code) % 97, 1)
        status = self.d.form("/receipt", {"code": code, "lang": "en"})
        self.assertEqual(status.status, 200)
        self.assertIn('class="state-name queued"', status.text)

    def test_code_may_be_typed_in_groups(self):
        code = self.d.tip(TEXT)["receipt"]
        typed = " ".join(code[i:i + 4] for i in range(0, 24, 4))
        self.assertEqual(self.d.form("/receipt", {"code": typed}).status, 200)

    def test_same_nonce_same_code(self):
        fields = {"text": TEXT + "，穿红色衣服", "nonce": "0123456789abcdef"}
        first, second = self.d.form("/tips", fields), self.d.form("/tips", fields)
        self.assertEqual((first.status, second.status), (201, 201))
        self.assertEqual(code_of(first.text), code_of(second.text))
        other = self.d.form("/tips", {**fields, "nonce": "another"})
        self.assertNotEqual(code_of(first.text), code_of(other.text))

    def test_supplement_by_page(self):
        code = self.d.tip(TEXT)["receipt"]
        page = self.d.form("/receipt", {"code": code, "text": "补充：车往北开了<b>", "lang": "zh-CN"})
        self.assertEqual(page.status, 200)
        self.assertIn('class="done"', page.text)
        self.assertIn("补充：车往北开了&lt;b&gt;", page.text)

    def test_missing_text_shows_what_is_wrong(self):
        page = self.d.form("/tips", {"text": "   ", "place": "东胜<区>", "lang": "en"})
        self.assertEqual(page.status, 400)
        self.assertIn('role="alert"', page.text)
        self.assertIn('href="#text"', page.text)
        self.assertIn('aria-invalid="true"', page.text)
        self.assertIn("东胜&lt;区&gt;", page.text, "what was typed stays")

    def test_broken_utf8_shows_what_is_wrong(self):
        body = "text=%E4%BD%FF%FE"
        page = self.d.ask("public", "POST", "/tips", body, {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(page.status, 400)
        body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xe4\xbd\xff\r\n--b--\r\n'
        page = self.d.ask("public", "POST", "/tips", body, {"Content-Type": "multipart/form-data; boundary=b"})
        self.assertEqual(page.status, 400)
        self.assertIn('href="#text"', page.text)

    def test_code_in_the_text_is_refused(self):
        code = self.d.tip(TEXT)["receipt"]
        page = self.d.form("/tips", {"text": f"我的编号是 {code} 请查"})
        self.assertEqual(page.status, 400)
        self.assertIn('href="#text"', page.text)

    def test_wrong_codes(self):
        code = self.d.tip(TEXT)["receipt"]
        slip = code[:10] + str((int(code[10]) + 1) % 10) + code[11:]
        for typed, status in ((slip, 400), (code[:-1], 400), ("abc", 400), ("", 400)):
            page = self.d.form("/receipt", {"code": typed})
            self.assertEqual(page.status, status, typed)
            self.assertIn('href="#code"', page.text)

    def test_unknown_path_is_a_page(self):
        page = self.d.get("/nothing-here")
        self.assertEqual((page.status, page.type), (404, "text/html"))
        refused = self.d.ask("public", "PUT", "/tips", b"x")
        self.assertEqual(refused.status, 405)
        self.assertIn("POST", refused.headers["Allow"])


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("limits.file_bytes=1 MiB", "limits.files=3").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def stored(self):
        return [p for p, _ in self.d.files() if "/files/" in p]

    def test_files_reach_the_officer_whole(self):
        photo = jpeg(b"canary-photo-" + bytes(range(256)) * 900)
        paper = pdf(b"canary-paper " + "线索".encode() * 50)
        page = self.d.upload({"text": TEXT, "nonce": "files-1"},
                             [("file", "IMG_1.jpg", "image/jpeg", photo), ("file", "../../a.pdf", "application/pdf", paper),
                              ("file", "", "application/octet-stream", b"")])
        self.assertEqual(page.status, 201, page)
        self.assertIsNotNone(code_of(page.text))
        tip = self.d.claim("150602")[0]
        self.assertEqual([(f["name"], f["type"], f["bytes"]) for f in tip["files"]],
                         [("IMG_1.jpg", "image/jpeg", len(photo)), ("a.pdf", "application/pdf", len(paper))])
        for number, sent, media in ((1, photo, "image/jpeg"), (2, paper, "application/pdf")):
            got = self.d.staff("GET", f"/api/v1/tips/{tip['id']}/files/{number}/original")
            self.assertEqual((got.status, got.type), (200, media))
            self.assertEqual(got.body, sent)
            self.assertIn("attachment", got.headers["Content-Disposition"])
            self.assertIn("sandbox", got.headers["Content-Security-Policy"])
        self.assertEqual(self.d.staff("GET", f"/api/v1/tips/{tip['id']}/files/3").status, 404)
        self.assertEqual(self.d.staff("GET", f"/api/v1/tips/{tip['id']}/files/1", role="finance").status, 403)
        for path, data in self.d.files():
            for canary in (b"canary-photo", b"canary-paper", TEXT.encode(), b"IMG_1"):
                self.assertNotIn(canary, data, path)

    def test_repeated_upload_is_one_tip_with_its_files(self):
        files = [("file", "a.jpg", "image/jpeg", jpeg(b"again"))]
        before = len(self.stored())
        first = self.d.upload({"text": TEXT, "nonce": "files-2"}, files)
        second = self.d.upload({"text": TEXT, "nonce": "files-2"}, files)
        self.assertEqual(code_of(first.text), code_of(second.text))
        self.assertEqual(len(self.stored()), before + 1, "the second copy is dropped")

    def test_wrong_type_is_refused_by_its_bytes(self):
        before = self.stored()
        page = self.d.upload({"text": TEXT}, [("file", "photo.jpg", "image/jpeg", b"#!/bin/sh\necho no\n" * 100)])
        self.assertEqual(page.status, 415)
        self.assertIn('href="#file"', page.text)
        self.assertEqual(self.stored(), before, "nothing is left behind")

    def test_large_file_is_refused(self):
        before = self.stored()
        page = self.d.upload({"text": TEXT}, [("file", "photo.jpg", "image/jpeg", jpeg(b"x" * (2 << 20)))])
        self.assertEqual(page.status, 413)
        self.assertIn('href="#file"', page.text)
        self.assertEqual(self.stored(), before)

    def test_too_many_files(self):
        before = self.stored()
        page = self.d.upload({"text": TEXT}, [("file", f"{i}.jpg", "image/jpeg", jpeg(b"%d" % i)) for i in range(4)])
        self.assertEqual(page.status, 413)
        self.assertIn('href="#file"', page.text)
        self.assertEqual(self.stored(), before)

    def test_whole_form_too_large(self):
        page = self.d.upload({"text": TEXT}, [("file", "x.jpg", "image/jpeg", jpeg(b"x" * (40 << 20)))])
        self.assertEqual(page.status, 413)

    def test_broken_multipart(self):
        page = self.d.ask("public", "POST", "/tips", b"--b\r\nnot a head\r\n--b--\r\n",
                          {"Content-Type": "multipart/form-data; boundary=b", "Accept": "text/html"})
        self.assertEqual(page.status, 400)

    def test_missing_text_with_a_file_keeps_nothing(self):
        before = self.stored()
        page = self.d.upload({"text": ""}, [("file", "a.jpg", "image/jpeg", jpeg())])
        self.assertEqual(page.status, 400)
        self.assertEqual(self.stored(), before)


class Limits(unittest.TestCase):
    def test_too_many_tips(self):
        with Daemon("limits.tips_burst=5", "limits.tips_per_minute=1", "limits.receipt_tries_per_minute=3",
                    limits=True) as d:
            pages = [d.form("/tips", {"text": f"{TEXT} {i}"}) for i in range(7)]
            self.assertEqual([p.status for p in pages], [201] * 5 + [429] * 2)
            self.assertTrue(1 <= int(pages[-1].headers["Retry-After"]) <= 61)
            problem = d.send(TEXT)
            self.assertEqual((problem.status, problem.code), (429, "too_many_tips"))
            tries = [d.receipt("152740505071579425060238").status for _ in range(4)]
            self.assertEqual(tries, [400, 400, 400, 429])


if __name__ == "__main__":
    main()
