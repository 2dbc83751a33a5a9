#!/usr/bin/python3
"""
Attached files: by their bytes, with a clean copy of pictures for the officer,
the original by a call of its own, never shown by a browser.

What a copy holds is judged by programs that share nothing with the daemon:
exiftool lists what is beside the pixels, Pillow (libjpeg, libpng, libwebp)
decodes them, jpeginfo, pngcheck and webpinfo look at the form. The pictures
are made here, with what telephones write into them.
"""
import io
import json
import os
import random
import shutil
import socket
import subprocess
import unittest
import urllib.parse

from tipline import Daemon, jpeg, main, multipart, new_dir, pdf, png, wait_for

try:
    from PIL import Image
except ImportError:
    Image = None

TEXT = "昨天在东胜区汽车站看到一名男子带着哭闹的女孩上了车。"
SECRET = b"Canary-4711"
TOOLS = ("exiftool", "jpeginfo", "pngcheck", "webpinfo")
HAVE = Image is not None and all(map(shutil.which, TOOLS))
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + SECRET * 20000   # a "motion photo" has one behind its end
# What exiftool may still find: the form of the file, and which side is up.
JPEG_SAYS = {"JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution", "IFD0:Orientation",
             "Adobe:DCTEncodeVersion", "Adobe:APP14Flags0", "Adobe:APP14Flags1", "Adobe:ColorTransform"}
PNG_SAYS = {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "Gamma", "SRGBRendering", "Palette",
            "Transparency"}
RIFF_SAYS = {"WebP_Flags", "ImageWidth", "ImageHeight", "VP8Version", "HorizontalScale", "VerticalScale", "AlphaIsUsed", "AnimationLoopCount",
             "BackgroundColor", "FrameCount", "Duration", "AlphaPreprocessing", "AlphaFiltering", "AlphaCompression"}


def noise(mode, width=96, height=70, seed=0):
    """Not flat, and the same in every run."""
    draw = random.Random(f"{mode} {width} {height} {seed}")
    small = Image.new(mode, (16, 12))
    depth = len(small.getbands())
    small.putdata([tuple(draw.randrange(256) for _ in range(depth)) if depth > 1 else draw.randrange(256) for _ in range(16 * 12)])
    return small.resize((width, height), Image.BICUBIC) if mode not in ("1", "P") else small.resize((width, height))


def saved(picture, form, **how):
    to = io.BytesIO()
    picture.save(to, form, **how)
    return to.getvalue()


def tagged(data, ending, orientation=6):
    """The picture with all that exiftool writes into one of its form."""
    where = new_dir("tipline-x-")
    try:
        path, thumb, icc = (os.path.join(where, name) for name in ("p" + ending, "t.jpg", "c.icc"))
        word = SECRET.decode()
        for name, content in ((path, data), (thumb, saved(noise("RGB", 80, 60), "JPEG", comment=SECRET)), (icc, profile())):
            with open(name, "wb") as f:
                f.write(content)
        more = [f"-ThumbnailImage<={thumb}", f"-IPTC:Writer-Editor={word}", f"-Comment={word}"] if ending == ".jpg" else []
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", f"-Orientation={orientation}", "-GPSLatitude=39.8", "-GPSLatitudeRef=N",
                        "-GPSLongitude=109.9", "-GPSLongitudeRef=E", f"-Make={word}", f"-Model={word}", f"-SerialNumber={word}",
                        f"-LensSerialNumber={word}", f"-Artist={word}", "-DateTimeOriginal=2026:11:20 10:11:12", f"-XMP:Creator={word}",
                        f"-XMP:GPSLatitude=39.8", f"-UserComment={word}", f"-ICC_Profile<={icc}", *more, path], check=True, timeout=60)
        with open(path, "rb") as f:
            return f.read()
    finally:
        shutil.rmtree(where)


def profile():
    """A colour profile that names a screen."""
    from PIL import ImageCms
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return made.tobytes()


def pixels(data):
    """Each frame as it is decoded."""
    picture = Image.open(io.BytesIO(data))
    frames = []
    for n in range(getattr(picture, "n_frames", 1)):
        picture.seek(n)
        frames.append((picture.mode, picture.size, picture.convert("CMYK" if picture.mode == "CMYK" else "RGBA").tobytes()))
    return frames


def looked_at(data, ending, *command):
    """(exit status, what is said) of a tool that takes a path."""
    where = new_dir("tipline-x-")
    try:
        path = os.path.join(where, "p" + ending)
        with open(path, "wb") as f:
            f.write(data)
        told = subprocess.run([*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        return told.returncode, told.stdout.decode(errors="replace")
    finally:
        shutil.rmtree(where)


def beside(data, ending):
    """Group:Name of all that exiftool finds, the embedded and the unknown too."""
    found = json.loads(looked_at(data, ending, "exiftool", "-j", "-G1", "-a", "-u", "-ee")[1])[0]
    return {name for name in found if not name.startswith(("System:", "ExifTool:Exif", "Composite:", "File:")) and name != "SourceFile"}


class Rig(unittest.TestCase):
    sets = ()

    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("limits.files=8", "limits.file_bytes=4 MiB", *cls.sets).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def sent(self, files, api=False):
        """The tip of these (name, media type, bytes), as the officer who claimed it has it."""
        d = self.d
        body, media = multipart({"text": TEXT}, [("file", *one) for one in files])
        answer = d.ask("public", "POST", "/api/v1/tips" if api else "/tips", body, {"Content-Type": media, "Accept": "application/json"})
        self.assertEqual(answer.status, 201, answer)
        got = d.staff("GET", f"/api/v1/tips/{answer.json['id']}")
        self.assertEqual(got.status, 200, got)
        return got.json

    def get(self, tip, number, original=False, **headers):
        return self.d.staff("GET", f"/api/v1/tips/{tip['id']}/files/{number}" + ("/original" if original else ""), **headers)

    def stored(self):
        return [p for p, _ in self.d.files() if "/files/" in p]

    def kept_from_browsers(self, answer):
        head = answer.headers
        self.assertEqual(head["Content-Disposition"].split(";")[0], "attachment")
        self.assertEqual(head["Content-Security-Policy"], "sandbox; default-src 'none'")
        self.assertEqual(head["X-Content-Type-Options"], "nosniff")
        self.assertEqual(head["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertEqual(head["Cache-Control"], "no-store")
        self.assertEqual(head["Accept-Ranges"], "none")
        self.assertRegex(answer.type, r"\A(image/(jpeg|png|webp|gif|heic|heif|avif)|audio/\w+|video/\w+|application/(pdf|octet-stream))\Z")


@unittest.skipUnless(HAVE, "needs Pillow, exiftool, jpeginfo, pngcheck, webpinfo")
class Copies(Rig):
    def copy_of(self, data, ending, name, turned=6):
        """The clean copy that an officer gets; held against the original."""
        tip = self.sent([("IMG_" + SECRET.decode() + ending, "image/x", data)], api=len(data) % 2 == 0)
        file = tip["files"][0]
        original, copy = self.get(tip, 1, True), self.get(tip, 1)
        self.assertEqual((original.status, original.body == data), (200, True), name)
        self.assertEqual((copy.status, file["clean"], file["bytes"], file.get("clean_bytes")), (200, True, len(data), len(copy.body)), name)
        for answer in (original, copy):
            self.kept_from_browsers(answer)
        self.assertEqual(copy.headers["Content-Disposition"], f'attachment; filename="{tip["id"]}-1{ending}"')
        self.assertNotIn(SECRET, copy.body, name)
        self.assertEqual(pixels(copy.body), pixels(data), name)
        self.assertEqual(Image.open(io.BytesIO(copy.body)).getexif().get(0x0112, 1), turned, name)
        return copy.body

    def test_jpeg(self):
        for mode in ("L", "RGB", "CMYK"):
            for how in ({}, {"progressive": True}, {"quality": 95, "subsampling": 0}):
                with self.subTest(mode=mode, **how):
                    data = tagged(saved(noise(mode), "JPEG", **how), ".jpg")
                    self.assertIn("GPS:GPSLatitude", beside(data, ".jpg"))
                    self.assertIn("IFD1:ThumbnailImage", beside(data, ".jpg"))
                    copy = self.copy_of(data + FILM, ".jpg", mode)
                    self.assertLessEqual(beside(copy, ".jpg"), JPEG_SAYS)
                    status, told = looked_at(copy, ".jpg", "jpeginfo", "-c")
                    if mode != "CMYK":   # jpeginfo does not know how to look at these
                        self.assertEqual((status, "OK" in told), (0, True), told)

    def test_what_was_clean_stays_as_it_was(self):
        for ending, data in ((".jpg", saved(noise("RGB"), "JPEG", restart_marker_rows=1)), (".png", saved(noise("RGBA"), "PNG")),
                             (".webp", saved(noise("RGBA"), "WEBP", lossless=True)), (".webp", saved(noise("RGBA"), "WEBP"))):
            self.assertEqual(self.copy_of(data, ending, ending, turned=1), data)

    def test_png(self):
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
            with self.subTest(mode):
                data = tagged(saved(noise(mode), "PNG", dpi=(72, 72), **({"transparency": 3} if mode == "P" else {})), ".png")
                copy = self.copy_of(data + FILM, ".png", mode)
                self.assertLessEqual(beside(copy, ".png"), {"IFD0:Orientation", *("PNG:" + name for name in PNG_SAYS)})
                status, told = looked_at(copy, ".png", "pngcheck", "-v")
                self.assertEqual((status, "No errors detected" in told), (0, True), told)

    def test_webp(self):
        frames = [noise("RGBA", seed=n) for n in range(3)]
        for name, data in (("lossy", saved(noise("RGB"), "WEBP")), ("alpha", saved(noise("RGBA"), "WEBP")),
                           ("lossless", saved(noise("RGB"), "WEBP", lossless=True)), ("odd", saved(noise("RGB", 33, 17), "WEBP", quality=11)),
                           ("animation", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80))):
            with self.subTest(name):
                data = tagged(data, ".webp")
                self.assertIn("GPS:GPSLatitude", beside(data, ".webp"))
                copy = self.copy_of(data + FILM, ".webp", name)
                self.assertLessEqual(beside(copy, ".webp"), {"IFD0:Orientation", *("RIFF:" + word for word in RIFF_SAYS)})
                status, told = looked_at(copy, ".webp", "webpinfo")
                self.assertEqual((status, "No error detected" in told), (0, True), told)

    def test_no_place_for_who_asks_for_the_default(self):
        """The whole way with the trail: default without GPS, original with it, an event for each."""
        data = tagged(saved(noise("RGB"), "JPEG"), ".jpg")
        tip = self.sent([("a.jpg", "image/jpeg", data)])
        self.assertFalse([tag for tag in beside(self.get(tip, 1).body, ".jpg") if "GPS" in tag])
        self.assertTrue([tag for tag in beside(self.get(tip, 1, True).body, ".jpg") if "GPS" in tag])
        trail = [event for kind in ("read_file", "read_original")
                 for event in self.d.staff("GET", f"/api/v1/audit/trail?event={kind}&limit=1000", role="auditor").json["events"]]
        mine = [(e["event"], e["call"]) for e in trail if e["id"].startswith(f"{tip['id']}/1")]
        self.assertEqual(mine, [("read_file", "tip_file"), ("read_original", "tip_file_original")])


class Kinds(Rig):
    def test_what_has_an_original_only(self):
        heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
        film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)
        files = [("a.pdf", pdf(), "application/pdf", ".pdf"), ("b.heic", heic, "image/heic", ".heic"), ("c.mp4", film, "video/mp4", ".mp4"),
                 ("d.jpg", jpeg(b"no picture"), "image/jpeg", ".jpg"), ("e.png", png()[:-5], "image/png", ".png"),
                 ("f.amr", b"#!AMR\n" + bytes(50), "audio/amr", ".amr"), ("g.m4a", film.replace(b"ftypmp42", b"ftypM4A "), "audio/mp4", ".m4a"),
                 ("h.mov", film.replace(b"ftypmp42", b"ftypqt  "), "video/quicktime", ".mov")]
        tip = self.sent([(name, "text/html", data) for name, data, _, _ in files])
        self.assertEqual([(f["name"], f["type"], f["clean"]) for f in tip["files"]], [(name, media, False) for name, _, media, _ in files])
        for number, (name, data, media, _) in enumerate(files, 1):
            self.assertEqual((self.get(tip, number).status, self.get(tip, number).code), (409, "no_clean_copy"))
            got = self.get(tip, number, True)
            self.assertEqual((got.status, got.type, got.body), (200, media, data), name)
            self.kept_from_browsers(got)

    def test_a_picture_without_tools(self):
        tip = self.sent([("a.png", "image/png", png(SECRET))])
        self.assertNotIn(SECRET, self.get(tip, 1).body)
        self.assertEqual(self.get(tip, 1).body[:8], png()[:8])
        self.assertIn(SECRET, self.get(tip, 1, True).body)
        for path, data in self.d.files():
            self.assertNotIn(SECRET, data, path)

    def test_what_is_not_taken(self):
        page = b"<html><script>alert(1)</script></html>"
        commented = jpeg()[:20] + b"\xff\xfe" + (len(page) + 2).to_bytes(2, "big") + page + jpeg()[20:]
        elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0\x3e\0\x01\0\0\0" + bytes(40)
        rows = {"page": page, "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "script": b"#!/bin/sh\nreboot\n",
                "program": elf, "dos": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(40), "zip": b"PK\x03\x04\x14\0" + bytes(24) + b"a",
                "gzip": b"\x1f\x8b\x08\0" + bytes(20), "rar": b"Rar!\x1a\x07\x01\0" + bytes(20), "text": TEXT.encode(), "json": b'{"a":1}',
                "gif": b"GIF89a\1\0\1\0\0\0\0;", "jpeg and page": commented, "png and svg": png(b"<SVG onload=x>"),
                "png and pdf": png(b"%PDF-1.4"), "nothing known": bytes(range(128, 256)), "php": b"<?php system($_GET[0]); ?>"}
        before = self.stored()
        for name, data in rows.items():
            body, media = multipart({"text": TEXT}, [("file", "photo.jpg", "image/jpeg", data)])
            answer = self.d.ask("public", "POST", "/api/v1/tips", body, {"Content-Type": media})
            self.assertEqual((answer.status, answer.code), (415, "file_type_refused"), name)
        self.assertEqual(self.stored(), before)

    def test_names(self):
        rows = [("照片 一.jpg", "照片 一.jpg"), ("..%2f..%2fa.png", None), ("/etc/passwd", "passwd"), ("C:\\x\\b.png", "b.png"),
                ("ann\u202egnp.exe", "anngnp.exe"), ("a\u200b\u2066b.png", "ab.png"), ("$(reboot)`x`|y.png", "_(reboot)_x__y.png"),
                ("名" * 200 + ".png", "名" * 38 + ".png")]
        tip = self.sent([(name, "image/png", png()) for name, _ in rows])
        for number, ((sent, shown), file) in enumerate(zip(rows, tip["files"]), 1):
            if shown is not None:
                self.assertEqual(file["name"], shown, sent)
            self.assertLessEqual(len(file["name"].encode()), 120)
            head = self.get(tip, number, True).headers["Content-Disposition"]
            self.assertRegex(head, r"""\Aattachment; filename="[A-Za-z0-9._-]+(\.png|\.jpg\.png)"(; filename\*=UTF-8''[A-Za-z0-9._%-]+\.png)?\Z""")
            if "*" in head:
                self.assertTrue(urllib.parse.unquote(head.split("''")[1]).startswith(file["name"].removesuffix(".png")), head)

    def test_a_part_of_a_file_is_not_given(self):
        tip = self.sent([("a.png", "image/png", png())])
        for wish in ("bytes=0-3", "bytes=-1", "bytes=5-", "bytes=0-1,4-5", "bytes=999999-"):
            got = self.get(tip, 1, True, Range=wish)
            self.assertEqual((got.status, got.body, got.headers["Content-Range"]), (200, png(), None))

    def test_who_may_not_see_the_tip_gets_neither(self):
        tip = self.sent([("a.png", "image/png", png())])
        for original in (False, True):
            self.assertEqual(self.get(tip, 1, original, role="finance").status, 403)
            self.assertEqual(self.get(tip, 2, original).status, 404)
            self.assertEqual(self.get({"id": "15-ZZZZZZZZZZ"}, 1, original).status, 404)
            self.assertEqual(self.d.ask("staff", "GET", f"/api/v1/tips/{tip['id']}/files/1" + "/original" * original).status, 401)


class Everything(Rig):
    """An operator who takes all: nothing of it comes back as what a browser would run."""
    sets = ("files.types=text/html, image/svg+xml, text/xml, application/xml, text/x-shellscript, text/plain, application/zip, image/gif, "
            "application/octet-stream",)

    def test_no_type_runs(self):
        files = [b"<html><script>alert(1)</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
                 b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", b"#!/bin/sh\nreboot\n", TEXT.encode(),
                 b"PK\x03\x04\x14\0" + bytes(24) + b"a", png(b"<script>alert(1)</script>"), b"GIF89a\1\0\1\0\0\0\0;"]
        tip = self.sent([("page.html", "text/html", data) for data in files])
        for number, data in enumerate(files, 1):
            got = self.get(tip, number, True)
            self.assertEqual((got.status, got.body), (200, data))
            self.kept_from_browsers(got)
            self.assertEqual(got.type, "image/gif" if data.startswith(b"GIF") else "application/octet-stream", data)
            self.assertIn(".gif" if data.startswith(b"GIF") else ".bin", got.headers["Content-Disposition"])


class Broken(unittest.TestCase):
    def begin(self, d, bytes_sent):
        """An upload that stops in the middle of a picture."""
        body, media = multipart({"text": TEXT}, [("file", "a.png", "image/png", png() + bytes(1 << 20))])
        host, port = d.ports["public"].rsplit(":", 1)
        s = socket.create_connection((host, int(port)), timeout=60)
        s.sendall((f"POST /tips HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body[:bytes_sent])
        return s

    def incoming(self, d):
        return [os.path.join(d.state, "files/incoming", name) for name in os.listdir(os.path.join(d.state, "files/incoming"))]

    def test_killed_in_the_middle(self):
        with Daemon() as d:
            with self.begin(d, 300000):
                # The original and the copy that is made with it.
                wait_for(lambda: len(self.incoming(d)) == 2, 20, "the upload has begun")
                d.kill()
            self.assertEqual(len(self.incoming(d)), 2)
            d.start()
            self.assertEqual(len(self.incoming(d)), 2, "another process might be writing there: they are young")
            d.stop()
            for path in self.incoming(d):
                os.utime(path, (1, 1))
            d.start()
            self.assertEqual(self.incoming(d), [])
            self.assertIn('"event":"upload.swept","files":"2"', d.log())
            self.assertEqual(d.claim(), [])

    def test_left_in_the_middle(self):
        with Daemon() as d:
            with self.begin(d, 300000):
                wait_for(lambda: len(self.incoming(d)) == 2, 20, "the upload has begun")
            wait_for(lambda: self.incoming(d) == [], 20, "who leaves, leaves nothing")

    def test_a_full_disk(self):
        where = new_dir("tipline-f-")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "none", where], check=False, stderr=subprocess.DEVNULL).returncode != 0:
            os.rmdir(where)
            self.skipTest("needs a file system of its own")
        try:
            with Daemon(f"files.dir={where}/files") as d:
                for size in (3 << 20, 1500000):
                    answer = d.upload({"text": TEXT}, [("file", "a.jpg", "image/jpeg", jpeg(bytes(size))), ("file", "b.pdf", "application/pdf", pdf(bytes(600000)))],
                                      Accept="application/json")
                    self.assertEqual((answer.status, answer.code), (503, "files_unavailable"), answer)
                    self.assertEqual([name for _, _, names in os.walk(where) for name in names], [], "nothing is left of it")
                self.assertEqual(d.claim(), [], "no tip without its files")
                self.assertEqual(d.upload({"text": TEXT}, [("file", "a.png", "image/png", png())], Accept="application/json").status, 201)
                self.assertEqual(len([name for _, _, names in os.walk(where) for name in names]), 2)
                self.assertIn("upload.write_failed", d.log())
        finally:
            subprocess.run(["umount", "-l", where], check=True)
            os.rmdir(where)


if __name__ == "__main__":
    main()
