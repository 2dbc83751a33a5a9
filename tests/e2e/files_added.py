#!/usr/bin/python3
"""
Files that an informant adds to a tip: by page and by API, before the code or behind it. What leads to a tip is sealed under a key of its own,
numbered on behind the report's files, seen at its message, and named beside the tip; of all else nothing stays.
"""
import os
import signal
import socket
import unittest

from tipline import Daemon, main, multipart, pdf, png, unknown_receipt, wait_for

TEXT = "昨天在东胜区汽车站看到一名男子带着哭闹的女孩上了车。"
NAME, SECRET = "canary-name-0815.png", b"Canary-content-4711"


def encoded(parts, boundary="tipline-test-boundary"):
    """Parts in this order: (name, value) or (name, filename, bytes)."""
    out = b""
    for name, *rest in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if len(rest) == 2:
            out += f'{head}; filename="{rest[0]}"\r\nContent-Type: image/png\r\n\r\n'.encode() + rest[1] + b"\r\n"
        else:
            out += f"{head}\r\n\r\n{rest[0]}\r\n".encode()
    return out + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class Rig(unittest.TestCase):
    sets = ()
    limits = False

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("limits.files=3", "limits.file_bytes=1 MiB", "limits.tip_files=4", "limits.tip_file_bytes=2 MiB", *cls.sets,
                       limits=cls.limits).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def tip(self, *files, text=TEXT):
        body, media = multipart({"text": text}, [("file", *one) for one in files])
        answer = self.d.ask("public", "POST", "/api/v1/tips", body, {"Content-Type": media})
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def add(self, *parts):
        body, head = encoded(parts)
        return self.d.ask("public", "POST", "/api/v1/receipt", body, head)

    def page(self, *parts):
        body, head = encoded(parts)
        return self.d.ask("public", "POST", "/receipt", body, {**head, "Accept": "text/html"})

    def desk(self, made):
        answer = self.d.staff("GET", f"/api/v1/tips/{made['id']}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def get(self, made, number, original=False):
        return self.d.staff("GET", f"/api/v1/tips/{made['id']}/files/{number}" + "/original" * original)

    def stored(self):
        return sorted(p for p, _ in self.d.files() if "/files/" in p)

    def named(self, made):
        return self.d.redis_ask("GET", f"{{{made['id'][:2]}}}:files:{made['id']}")


class Added(Rig):
    def test_the_officer_has_them_at_the_message(self):
        made = self.tip(("first.png", "image/png", png()))
        # The code comes last: by then the file lies sealed on the disk.
        answer = self.add(("file", "second.png", png(b"Zhang 2")), ("text", "他又来了"), ("file", "third.pdf", pdf()), ("receipt", made["receipt"]))
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.json["added"])
        self.assertEqual(answer.json["messages"][0]["files"], ["second.png", "third.pdf"])
        tip = self.desk(made)
        self.assertEqual([f["number"] for f in tip["files"]], [1])
        message = tip["messages"][0]
        self.assertEqual((message["from"], message["text"]), ("informant", "他又来了"))
        self.assertEqual([(f["number"], f["name"], f["type"], f["clean"]) for f in message["files"]],
                         [(2, "second.png", "image/png", True), (3, "third.pdf", "application/pdf", False)])
        self.assertEqual(self.get(made, 2, True).body, png(b"Zhang 2"))
        self.assertNotIn(b"Zhang", self.get(made, 2).body)
        self.assertEqual(self.get(made, 3, True).body, pdf())
        self.assertEqual(self.get(made, 3).code, "no_clean_copy")
        self.assertEqual(self.get(made, 4, True).status, 404)
        # Two pictures with their copies, and a document without.
        self.assertEqual(len(self.named(made).split()), 5)
        for name in self.named(made).split():
            self.assertTrue(any(path.endswith(f"/files/{name[:2]}/{name}") for path in self.stored()), name)

    def test_the_same_again_is_kept_once(self):
        made = self.tip()
        parts = ("receipt", made["receipt"]), ("text", "照片"), ("file", "a.png", png())
        self.assertTrue(self.add(*parts).json["added"])
        before = self.stored()
        again = self.add(("receipt", made["receipt"]), ("text", "照片"), ("file", "other-name.png", png()))
        self.assertTrue(again.json["added"])
        self.assertEqual(len(again.json["messages"]), 1)
        self.assertEqual(self.stored(), before)
        other = self.add(("receipt", made["receipt"]), ("text", "照片"), ("file", "a.png", png(b"another")))
        self.assertEqual(len(other.json["messages"]), 2)

    def test_by_the_page_without_words(self):
        made = self.tip()
        shown = self.d.form("/receipt", {"code": made["receipt"], "lang": "en"})
        self.assertIn('enctype="multipart/form-data"', shown.text)
        self.assertIn('id="file"', shown.text)
        sent = self.page(("code", made["receipt"]), ("nonce", "n"), ("lang", "en"), ("text", ""), ("file", "mine.png", png()))
        self.assertEqual(sent.status, 200, sent)
        self.assertIn("We have what you added.", sent.text)
        self.assertIn("mine.png", sent.text)
        self.assertEqual([(m["text"], len(m["files"])) for m in self.desk(made)["messages"]], [("", 1)])
        # A field that was left empty is no file.
        none = self.page(("code", made["receipt"]), ("lang", "en"), ("text", ""), ("file", "", b""))
        self.assertEqual(none.status, 400)
        self.assertIn('href="#text"', none.text)

    def test_a_tip_that_goes_to_another_shard_takes_them_along(self):
        made = self.tip(("first.png", "image/png", png()))
        self.assertTrue(self.add(("receipt", made["receipt"]), ("file", "a.pdf", pdf())).json["added"])
        names = self.named(made)
        self.assertEqual(self.d.staff("POST", f"/api/v1/tips/{made['id']}/claim", {}).status, 200)
        self.assertEqual(self.d.act(made["id"], "transfer", {"region": "110101", "reason": "it is theirs"}).status, 200)
        moved = {**made, "id": "11" + made["id"][2:]}
        wait_for(lambda: self.d.staff("GET", f"/api/v1/tips/{moved['id']}").status == 200, 20, "it arrived")
        self.assertEqual(self.named(moved), names)
        self.assertEqual(self.get(moved, 2, True).body, pdf())
        self.assertTrue(self.add(("receipt", made["receipt"]), ("file", "b.pdf", pdf(b"more"))).json["added"])
        self.assertEqual(self.get(moved, 3, True).body, pdf(b"more"))

    def test_a_tip_has_room_for_so_many(self):
        made = self.tip(("1.png", "image/png", png()), ("2.png", "image/png", png(b"2")))
        self.assertTrue(self.add(("receipt", made["receipt"]), ("file", "3.png", png(b"3"))).json["may_attach"])
        before = self.stored()
        full = self.add(("receipt", made["receipt"]), ("text", "more"), ("file", "4.png", png(b"4")), ("file", "5.png", png(b"5")))
        self.assertEqual((full.status, full.code, full.json["field"]), (413, "tip_files_full", "file"))
        page = self.page(("code", made["receipt"]), ("lang", "en"), ("text", "kept words"), ("file", "4.png", png(b"4")), ("file", "5.png", png(b"5")))
        self.assertEqual(page.status, 413)
        self.assertIn('href="#file"', page.text)
        self.assertIn("kept words", page.text)
        self.assertEqual(self.stored(), before)
        self.assertEqual(len(self.desk(made)["messages"]), 1)
        self.assertFalse(self.add(("receipt", made["receipt"]), ("file", "4.png", png(b"4"))).json["may_attach"])
        self.assertNotIn('id="file"', self.d.form("/receipt", {"code": made["receipt"]}).text)
        self.assertTrue(self.d.receipt(made["receipt"], "words alone").json["added"])

    def test_a_tip_has_room_for_so_many_bytes(self):
        made = self.tip()
        for mark in (b"1", b"2"):
            answer = self.add(("receipt", made["receipt"]), ("file", "a.pdf", pdf(mark * 1000000)))
            self.assertTrue(answer.json["added"], answer)
        before = self.stored()
        self.assertEqual(self.add(("receipt", made["receipt"]), ("file", "a.pdf", pdf(b"3" * 200000))).code, "tip_files_full")
        self.assertEqual(self.stored(), before)

    def test_a_closed_tip_is_looked_at_again_with_them(self):
        made = self.tip()
        self.assertEqual(self.d.staff("POST", f"/api/v1/tips/{made['id']}/claim", {}).status, 200)
        self.assertEqual(self.d.act(made["id"], "close", {"outcome": "insufficient", "note": "nothing to go by"}).status, 200)
        answer = self.add(("file", "a.png", png()), ("reopen", "yes"), ("receipt", made["receipt"]))
        self.assertEqual((answer.json["added"], answer.json["reopened"], answer.json["state"]), (True, True, "queued"))
        self.assertEqual(self.get(made, 1, True).body, png())


class Refused(Rig):
    """Each leaves nothing on the disk and nothing in the store."""

    def nothing(self, answer, status, code, before):
        self.assertEqual((answer.status, answer.code if answer.type != "text/html" else None), (status, code), answer)
        self.assertEqual(self.stored(), before)

    def test_a_code_that_leads_nowhere(self):
        before = self.stored()
        code = unknown_receipt()
        self.nothing(self.add(("receipt", code), ("file", "a.png", png())), 404, "no_such_receipt", before)
        self.nothing(self.add(("file", "a.png", png()), ("receipt", code)), 404, "no_such_receipt", before)
        self.nothing(self.add(("file", "a.png", png())), 400, "missing", before)
        self.nothing(self.add(("receipt", "12"), ("file", "a.png", png())), 400, "wrong_length", before)
        self.nothing(self.add(("file", "a.png", png()), ("receipt", code[:-1] + str((int(code[-1]) + 1) % 10))), 400, "check_failed", before)
        self.nothing(self.page(("code", code), ("text", "x"), ("file", "a.png", png())), 404, None, before)

    def test_what_is_not_taken(self):
        made = self.tip()
        before = self.stored()
        mine = "receipt", made["receipt"]
        self.nothing(self.add(mine, ("text", "x"), ("file", "a.png", b"MZ" + bytes(100))), 415, "file_type_refused", before)
        self.nothing(self.add(mine, ("file", "a.png", png()), ("file", "b.png", b"#!/bin/sh\n")), 415, "file_type_refused", before)
        self.nothing(self.add(mine, ("file", "a.png", png() + bytes(1 << 20))), 413, "file_too_large", before)
        self.nothing(self.add(mine, *[("file", "a.png", png())] * 4), 413, "too_many_files", before)
        self.nothing(self.add(mine, ("text", f"mein Code {made['receipt']}"), ("file", "a.png", png())), 400, "receipt_code_inside", before)
        self.nothing(self.add(mine, ("text", "x" * 20000), ("file", "a.png", png())), 400, "too_long", before)
        self.assertEqual(self.d.receipt(made["receipt"]).json["messages"], [])

    def test_the_page_keeps_the_words(self):
        made = self.tip()
        before = self.stored()
        rows = (b"MZ" + bytes(100), 415), (png() + bytes(1 << 20), 413)
        for data, status in rows:
            page = self.page(("code", made["receipt"]), ("lang", "en"), ("text", "my words"), ("file", "a.png", data))
            self.nothing(page, status, None, before)
            for words in ('href="#file"', "my words", "Files you chose before were not kept", 'aria-invalid="true"'):
                self.assertIn(words, page.text)
        # A file at fault, and a code that is none: the code is told.
        self.nothing(self.page(("code", unknown_receipt()), ("text", "x"), ("file", "a.png", b"MZ" + bytes(99))), 404, None, before)

    def test_broken_off(self):
        made = self.tip()
        before = self.stored()
        body, head = encoded((("receipt", made["receipt"]), ("file", "a.png", png() + bytes(900000))))
        host, port = self.d.ports["public"].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as s:
            s.sendall((f"POST /api/v1/receipt HTTP/1.1\r\nHost: x\r\nContent-Type: {head['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
                      + body[:300000])
            wait_for(lambda: self.stored() != before, 20, "it began")
        wait_for(lambda: self.stored() == before, 20, "who leaves, leaves nothing")
        self.assertEqual(self.d.receipt(made["receipt"]).json["messages"], [])


class Away(Rig):
    def test_a_store_that_is_away(self):
        made = self.tip()
        before = self.stored()
        os.kill(self.d.redis_pids()[0], signal.SIGSTOP)
        try:
            answer = self.add(("receipt", made["receipt"]), ("file", "a.png", png()))
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(self.stored(), before)
        finally:
            os.kill(self.d.redis_pids()[0], signal.SIGCONT)
        wait_for(lambda: self.add(("receipt", made["receipt"]), ("file", "a.png", png())).status == 200, 30, "it is back")
        self.assertEqual(len(self.desk(made)["messages"]), 1)


class Limited(Rig):
    limits = True

    def test_tries_are_counted_before_anything_is_read(self):
        before = self.stored()
        for _ in range(200):
            answer = self.add(("file", "a.png", png()), ("receipt", unknown_receipt()))
            if answer.status == 429:
                break
        self.assertEqual((answer.status, answer.code), (429, "too_many_tries"))
        self.assertEqual(self.page(("file", "a.png", png()), ("code", unknown_receipt())).status, 429)
        self.assertEqual(self.stored(), before)


class Hidden(Rig):
    def test_no_name_and_no_content_lies_anywhere(self):
        made = self.tip()
        self.assertTrue(self.add(("file", NAME, png(SECRET)), ("text", "x"), ("receipt", made["receipt"])).json["added"])
        self.add(("file", NAME, png(SECRET)), ("receipt", unknown_receipt()))
        self.assertEqual(self.get(made, 1, True).status, 200)
        self.d.redis_ask("BGREWRITEAOF")
        self.assertEqual(self.desk(made)["messages"][0]["files"][0]["name"], NAME)
        for path, data in self.d.files():
            for word in (NAME.encode(), SECRET, NAME[:16].encode("utf-16-be")):
                self.assertNotIn(word, data, path)
        self.assertNotIn(NAME.encode(), self.d.all_logs())

    def test_the_store_holds_together(self):
        made = self.tip(("a.png", "image/png", png()))
        self.assertTrue(self.add(("file", "b.png", png(b"b")), ("receipt", made["receipt"])).json["added"])
        self.d.wait_sealed()
        self.d.verify()


if __name__ == "__main__":
    main()
