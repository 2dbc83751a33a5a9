#!/usr/bin/python3
"""The web form: pages in two languages, tips with and without files, refusals that help."""
import re
import unittest

from tipline import Daemon, jpeg, main, pdf

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"


def code_of(page):
    groups = re.findall(r"<span>(\d{4})</span>", page)
    return "".join(groups) if len(groups) == 6 else None


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
            self.assertNotIn("<script", page.text)
        self.assertNotEqual(self.d.get("/?lang=en").text, self.d.get("/?lang=zh-CN").text)

    def test_pages_may_not_be_kept_or_framed(self):
        for path in ("/", "/receipt"):
            page = self.d.get(path)
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
            self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
            self.assertIsNone(page.headers["Set-Cookie"])

    def test_page_is_light(self):
        page, style = self.d.get("/"), self.d.get("/style.css")
        self.assertEqual(style.status, 200)
        self.assertEqual(style.type, "text/css")
        self.assertLess(len(page.body) + len(style.body), 60 * 1024)

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
