#!/usr/bin/python3
"""
Weekly keys: a thief takes a whole backup, all keys of the house with the bureaus'
private ones, and the receipt code. He opens the tip, and no longer does once its
week's key was destroyed. What a tip reads as then; moving tips to the present week;
a key that is missing. faketime takes the daemon into other weeks.
"""
import ctypes
import glob
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import unittest

from tipline import ROOT, Daemon, jpeg, main, new_dir, tipctl, wait_for

FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药，第{}次"
REGION = "150600"
HEX = "return (string.gsub(redis.call('GET', ARGV[1]) or '', '.', function(c) return string.format('%02x', string.byte(c)) end))"
DATA_KEYS = """
local out, all = {}, redis.call('HGETALL', '{15}:datakeys')
for _, value in ipairs(all) do
	out[#out + 1] = string.gsub(value, '.', function(c) return string.format('%02x', string.byte(c)) end)
end
return out
"""
sodium = ctypes.CDLL("libsodium.so.23")
assert sodium.sodium_init() >= 0


def start_under(daemon, **clock):
    """Starts the daemon under faketime; its monotonic clock stays true."""
    fake = {"LD_PRELOAD": FAKETIME[0], "FAKETIME_DONT_FAKE_MONOTONIC": "1", **clock,
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    before = dict(os.environ)
    os.environ.update(fake)
    try:
        daemon.spawn()
    finally:
        os.environ.clear()
        os.environ.update(before)
    wait_for(daemon.listens, 30, f"tiplined listens; see {daemon.log_path}")
    daemon.wait_ready()


# --- the thief, who has the formats and shares no code with the daemon -----------------------------

def unseal(key, nonce, bound, sealed):
    """XChaCha20-Poly1305; None: it does not open."""
    clear = ctypes.create_string_buffer(max(len(sealed), 1))
    length = ctypes.c_ulonglong()
    if len(sealed) < 16 or sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            clear, ctypes.byref(length), None, sealed, ctypes.c_ulonglong(len(sealed)), bound, ctypes.c_ulonglong(len(bound)), nonce, key) != 0:
        return None
    return clear.raw[:length.value]


def uncovered(stored, tail, weeks):
    """The sealed form below the cover, with any of these keys as the week's."""
    if stored[:1] == b"\1":
        return stored
    for week in weeks:
        key = hashlib.blake2b(b"cover\0" + tail, key=week, digest_size=32, person=b"tipline derive1\0").digest()
        head = unseal(key, stored[5:29], stored[:5] + b"\1", stored[29:29 + 129 + 16])
        if head is not None:
            return head + stored[29 + 129 + 16:]
    return None


def covered(kind, tip_id, week, key, sealed, head):
    """The same as the daemon covers, but for the nonce, which is drawn."""
    own = hashlib.blake2b(b"cover\0" + tip_id[3:].encode(), key=key, digest_size=32, person=b"tipline derive1\0").digest()
    front, nonce = b"\2" + week.to_bytes(4, "big"), secrets.token_bytes(24)
    out = ctypes.create_string_buffer(head + 16)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(out, None, sealed[:head], ctypes.c_ulonglong(head), front + bytes([kind]),
                                                      ctypes.c_ulonglong(6), None, nonce, own)
    return front + nonce + out.raw + sealed[head:]


def words(sealed, tail, tip_key):
    """The content's record; Chinese text stands in it as UTF-16."""
    clear = unseal(tip_key, sealed[9:33], b"\1\1" + tail, sealed[129:])
    return clear or b""


def by_receipt(sealed, tail, code):
    key = hashlib.blake2b(code.encode(), digest_size=32, person=b"tipline receipt\0").digest()
    tip_key = unseal(key, sealed[9:33], b"\1R" + tail, sealed[81:129])
    return words(sealed, tail, tip_key) if tip_key is not None else None


def by_bureau(sealed, tail, data_keys, secrets):
    box = data_keys.get(sealed[1:9], b"")
    for secret in secrets:
        public, key = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
        sodium.crypto_scalarmult_base(public, secret)
        for at in range(1, len(box), 88):
            part = box[at + 8:at + 88]
            if sodium.crypto_box_seal_open(key, part, ctypes.c_ulonglong(len(part)), public, secret) == 0:
                tip_key = unseal(key.raw, sealed[9:33], b"\1B" + tail + sealed[1:9], sealed[33:81])
                return words(sealed, tail, tip_key) if tip_key is not None else None
    return None


def secrets_in(directories):
    """Every run of 64 hex digits of every file, and every file of 32 bytes, as keys."""
    found = set()
    for directory in directories:
        for where, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(where, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        content = f.read()
                    found.update(bytes.fromhex(m.decode()) for m in re.findall(rb"(?=([0-9a-f]{64}))", content))
                    if len(content) == 32:
                        found.add(content)
    return found


def reads(stored, tip, data_keys, directories):
    """What a thief with these directories reads of a stored tip, by either way: two texts or None."""
    tail, keys = tip["id"][3:].encode(), secrets_in(directories)
    sealed = uncovered(stored, tail, keys)
    if sealed is None:
        return None, None
    return by_receipt(sealed, tail, tip["receipt"].replace(" ", "").replace("-", "")), by_bureau(sealed, tail, data_keys, keys)


@unittest.skipUnless(FAKETIME, "faketime is not installed")
class Weeks(unittest.TestCase):
    def setUp(self):
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.mirror = os.path.join(self.home, "weeks")
        self.d = Daemon("keys.plain=true", demo=False)
        self.addCleanup(self.d.close)
        start_under(self.d, FAKETIME="-21d")
        made = tipctl("token", "add", "--state", self.d.state, "--person", "li", "--role", "officer", "--region", "000000")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.d.token = lambda role: made.stdout.strip()
        self.old = self.d.tip(TEXT.format(1), contact="by post")
        self.weeks_then = self.weeks()
        self.assertEqual(self.d.stop(), 0)
        self.d.start()
        self.new = self.d.tip(TEXT.format(2))
        self.week = int(min(self.weeks())[5:9])
        self.assertEqual(self.weeks_then, [f"week-{self.week:04d}.key"])
        self.assertEqual(len(self.weeks()), 2)

    def weeks(self):
        return sorted(n for n in os.listdir(self.d.state + "/weeks") if n.startswith("week-"))

    def key(self, *arguments):
        return tipctl("key", *arguments, "--state", self.d.state, "--store", "unix:" + self.d.redis_socket())

    def well(self, *arguments):
        done = self.key(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def stored(self, tip):
        return bytes.fromhex(self.d.redis_ask("eval", HEX, 0, f"{{{tip['id'][:2]}}}:tip:{tip['id']}"))

    def back_up(self, name):
        to, keys = os.path.join(self.home, name), os.path.join(self.home, name + "-keys")
        done = subprocess.run([os.path.join(ROOT, "scripts/backup"), "--state", self.d.state, "--to", to, "--keys-to", keys, "--weeks",
                               self.mirror], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return to, keys

    def test_a_backup_does_not_outlive_its_week(self):
        to, keys = self.back_up("before")
        old, new = self.stored(self.old), self.stored(self.new)
        rows = [bytes.fromhex(value) for value in self.d.redis_ask("eval", DATA_KEYS, 0)]
        data_keys = dict(zip(rows[::2], rows[1::2]))
        aof = b""
        for path in glob.glob(to + "/redis/appendonlydir/*"):
            with open(path, "rb") as f:
                aof += f.read()
        self.assertIn(old, aof)   # it is in the copy, whole
        for where, _, names in os.walk(to):
            self.assertEqual([n for n in names if n.startswith("week-")], [], where)
        for stored, tip, n in ((old, self.old, 1), (new, self.new, 2)):   # the thief is able to
            texts = reads(stored, tip, data_keys, [to, keys, self.mirror])
            self.assertEqual([TEXT.format(n).encode("utf-16-be") in (text or b"") for text in texts], [True, True])
            self.assertEqual(reads(stored, tip, data_keys, [to, keys]), (None, None))

        refused = self.key("destroy-week", str(self.week), "--yes")
        self.assertEqual((refused.returncode, "1 tips lie under" in refused.stdout), (1, True), refused)
        refused = self.key("destroy-week", str(self.week), "--with-tips")
        self.assertEqual((refused.returncode, "--yes" in refused.stderr), (1, True), refused)
        self.assertEqual(len(self.weeks()), 2)
        self.well("destroy-week", str(self.week), "--with-tips", "--yes")
        self.well("destroy-week", str(self.week), "--with-tips", "--yes")
        self.back_up("after")
        self.assertEqual(sorted(os.listdir(self.mirror)), ["destroyed.jsonl", self.weeks()[0]])
        everything = [to, keys, self.mirror, self.d.state]
        self.assertEqual(reads(old, self.old, data_keys, everything), (None, None))
        self.assertIn(TEXT.format(2).encode("utf-16-be"), reads(new, self.new, data_keys, everything)[0])
        self.reads_as_erased()
        self.assertIn("key destroy-week", self.d.tipctl("export", "--trail", "--store", "unix:" + self.d.redis_socket()).stdout)
        self.d.verify()

    def reads_as_erased(self):
        """For officers a row and a history without words, for the informant plain words in both languages."""
        path = f"/api/v1/tips/{self.old['id']}"
        read = wait_for(lambda: (a := self.d.staff("GET", path)).json.get("shredded") and a, 10, "the daemon has dropped the key")
        self.assertEqual((read.status, read.json["readable"], "text" in read.json), (200, False, False))
        self.d.claim(REGION, max=10)
        note = self.d.act(self.old["id"], "note", {"text": "what was it"})
        self.assertEqual((note.status, note.code), (410, "erased"), note)
        self.assertEqual(self.d.staff("GET", path + "/files/1").code, "erased")
        self.assertEqual(self.d.act(self.old["id"], "close", {"outcome": "insufficient", "note": "gone"}).status, 200)   # the case still ends
        told = self.d.receipt(self.old["receipt"])
        self.assertEqual((told.status, told.json["erased"], told.json["state"], told.json["messages"], told.json["may_write"]),
                         (200, True, "closed", [], False))
        self.assertNotEqual(self.d.receipt(self.old["receipt"], "more").status, 200)
        for tag, said in (("zh-CN", "彻底删除"), ("en", "deleted for good")):
            page = self.d.form("/receipt", {"code": self.old["receipt"], "lang": tag})
            self.assertEqual((page.status, said in page.text), (200, True), tag)
        self.assertIs(self.d.receipt(self.new["receipt"]).json["erased"], False)

    def test_what_is_needed_is_moved_first(self):
        identity = f"{{{self.old['id'][:2]}}}:identity:{self.old['id']}"
        before, person = self.stored(self.old), self.d.redis_ask("eval", HEX, 0, identity)
        photo = jpeg(b"of a person")
        self.assertIn(self.d.upload({"text": TEXT.format(3)}, [("file", "a.jpg", "image/jpeg", photo)]).status, (200, 201, 303))
        listed = self.well("weeks", "--count")
        self.assertRegex(listed, rf"(?m)^ *{self.week}  \d{{4}}-\d\d-\d\d +1  here$")
        self.assertRegex(listed, r"(?m) 2  present$")
        self.assertIn("1 moved", self.well("rewrap", "weeks", "--from", str(self.week), "--to", "present"))
        self.assertIn("0 moved", self.well("rewrap", "weeks"))
        after = self.stored(self.old)
        self.assertEqual((after[5:] != before[5:], after[174:]), (True, before[174:]))
        self.assertNotEqual(self.d.redis_ask("eval", HEX, 0, identity)[:10], person[:10])
        spool = os.path.join(self.d.state, "spool")
        os.rename(spool, spool + ".away")
        with open(spool, "w", encoding="ascii"):
            pass
        self.assertIn("cannot be read", self.key("destroy-week", str(self.week), "--yes").stderr)
        os.unlink(spool)
        os.rename(spool + ".away", spool)
        self.well("destroy-week", str(self.week), "--yes")
        self.assertRegex(self.well("weeks", "--count"), rf"(?m)^ *{self.week}  .* 0  destroyed$")
        held = {tip["id"]: tip for tip in self.d.claim(REGION, max=10)}
        self.assertEqual(held[self.old["id"]]["text"], TEXT.format(1))
        sent = self.d.act(self.old["id"], "transfer", {"region": "110105", "reason": "theirs"})   # under the same week there
        self.assertEqual(sent.status, 200, sent)
        moved = "11" + self.old["id"][2:]
        wait_for(lambda: self.d.staff("GET", f"/api/v1/tips/{moved}").json.get("text") == TEXT.format(1), 30, "it is there and opens")
        self.assertIs(self.d.receipt(self.old["receipt"]).json["erased"], False)
        self.d.verify()

    def test_many_are_moved(self):
        """More than a page of keys, with identities and without; each opens afterwards with the present week's key alone."""
        with open(f"{self.d.state}/weeks/{self.weeks()[0]}", encoding="ascii") as f:
            old = bytes.fromhex(f.read().strip())
        with open(f"{self.d.state}/weeks/{self.weeks()[-1]}", encoding="ascii") as f:
            present = bytes.fromhex(f.read().strip())
        tips = {}
        for i in range(1300):
            tip, sealed = f"15-{i:010d}", b"\1" + secrets.token_bytes(300)
            tips[tip] = sealed
            self.put("tip", tip, covered(1, tip, self.week, old, sealed, 129))
            if i % 3 == 0:
                self.put("identity", tip, covered(2, tip, self.week, old, b"\1" + secrets.token_bytes(200), 81))
        done = self.well("rewrap", "weeks", "--quiet")
        self.assertIn("1302 tips seen, 1301 moved", done)
        self.assertIn("1302 tips seen, 0 moved", self.well("rewrap", "weeks", "--quiet"))
        for tip, sealed in list(tips.items())[::100]:
            stored = self.stored({"id": tip})
            self.assertEqual((uncovered(stored, tip[3:].encode(), [present]), uncovered(stored, tip[3:].encode(), [old])), (sealed, None))

    def put(self, kind, tip, value):
        self.d.redis_ask("eval", "redis.call('SET', ARGV[1], (string.gsub(ARGV[2], '..', function(x) return string.char(tonumber(x, 16)) end)))",
                         0, f"{{{tip[:2]}}}:{kind}:{tip}", value.hex())

    def test_a_missing_key_is_asked_for(self):
        name = f"week-{self.week:04d}.key"
        there, away = os.path.join(self.d.state, "weeks", name), os.path.join(self.home, name)
        self.assertEqual(self.d.stop(), 0)
        os.rename(there, away)
        self.d.start()
        path = f"/api/v1/tips/{self.old['id']}"
        read = self.d.staff("GET", path)
        self.assertEqual((read.status, read.code, name in read.json["detail"]), (503, "week_key_missing", True), read)
        self.assertEqual(self.d.receipt(self.old["receipt"]).code, "week_key_missing")
        self.assertTrue(any(name in warning for warning in self.d.ready().json["warnings"]), self.d.ready())
        listed = self.key("weeks", "--count")
        self.assertEqual((listed.returncode, "MISSING" in listed.stdout), (1, True), listed)
        self.assertEqual(self.key("rewrap", "weeks").returncode, 1)
        os.rename(away, there)
        wait_for(lambda: self.d.staff("GET", path).status == 200, 10, "it is read again")
        self.assertEqual(self.d.receipt(self.old["receipt"]).status, 200)
        self.assertFalse(any(name in warning for warning in self.d.ready().json["warnings"]))


@unittest.skipUnless(FAKETIME, "faketime is not installed")
class Past(unittest.TestCase):
    """retention.rewrap_weeks: the daemon moves what is needed and destroys the key by itself."""

    def setUp(self):
        self.d = Daemon("keys.plain=true", "retention.rewrap_weeks=1", "retention.interval_s=1", "retention.settle_s=1", demo=False)
        self.addCleanup(self.d.close)
        start_under(self.d, FAKETIME="-21d")
        made = tipctl("token", "add", "--state", self.d.state, "--person", "li", "--role", "officer", "--region", "000000")
        self.d.token = lambda role: made.stdout.strip()
        self.old = self.d.tip(TEXT.format(1), contact="by post")
        self.key = self.weeks()[0]
        self.assertEqual(self.d.stop(), 0)

    def weeks(self):
        return sorted(n for n in os.listdir(self.d.state + "/weeks") if n.startswith("week-"))

    def metric(self, name):
        return self.d.metrics()["tipline_old_keys" + name]

    def test_a_key_goes_when_nothing_lies_under_it(self):
        mark = self.d.state + "/weeks/waits-0123456789abcdef"   # of another process, whose spool is full
        with open(mark, "w", encoding="ascii") as f:
            f.write("intake-2:/var/lib/tipline-intake/spool\n")
        self.d.start()
        wait_for(lambda: self.metric("_moved_total") == 1, 30, "the tip is under the present week's key")
        wait_for(lambda: self.metric("_tips") == 0 and self.metric("_held_back") == 1, 30, "and the key waits for the spool")
        self.assertEqual((self.metric(""), self.metric("_destroyed_total"), self.key in self.weeks()), (1, 0, True))
        refused = tipctl("key", "destroy-week", str(int(self.key[5:9])), "--yes", "--state", self.d.state, "--store",
                         "unix:" + self.d.redis_socket())
        self.assertEqual((refused.returncode, mark in refused.stderr), (1, True), refused)
        os.unlink(mark)
        wait_for(lambda: self.key not in self.weeks(), 90, "the key is destroyed")
        wait_for(lambda: self.metric("") == 0, 30, "and none is old any more")
        self.assertEqual((len(self.weeks()), self.metric("_destroyed_total"), self.metric("_stayed_total")), (1, 1, 0))
        self.assertEqual(self.d.staff("GET", f"/api/v1/tips/{self.old['id']}").json["text"], TEXT.format(1))
        self.assertIs(self.d.receipt(self.old["receipt"]).json["erased"], False)
        trail = self.d.tipctl("export", "--trail", "--store", "unix:" + self.d.redis_socket()).stdout
        self.assertRegex(trail, rf'"key_destroyed"[^\n]*"by":"system"[^\n]*{re.escape(self.key)}')
        listed = tipctl("key", "weeks", "--count", "--state", self.d.state, "--store", "unix:" + self.d.redis_socket())
        self.assertRegex(listed.stdout, rf"(?m)^ *{int(self.key[5:9])}  .* 0  destroyed$")
        self.d.verify()

    def test_a_spool_leaves_its_mark(self):
        self.d.start()
        marks = lambda: [n for n in os.listdir(self.d.state + "/weeks") if n.startswith("waits-")]
        self.assertEqual(marks(), [])
        os.kill(self.d.redis_pids()[0], signal.SIGSTOP)
        try:
            receipt = self.d.tip(TEXT.format(2))["receipt"]
            self.assertEqual(len(marks()), 1)
        finally:
            os.kill(self.d.redis_pids()[0], signal.SIGCONT)
        wait_for(lambda: not marks(), 30, "the spool is empty, and its mark gone")
        self.assertEqual(self.d.receipt(receipt).status, 200)


@unittest.skipUnless(FAKETIME, "faketime is not installed")
class Clock(unittest.TestCase):
    def test_weeks_and_epochs_pass_in_a_running_daemon(self):
        d = Daemon()
        self.addCleanup(d.close)
        os.makedirs(d.state, mode=0o700)
        clock = os.path.join(d.state, "clock")

        def say(offset):
            with open(clock + ".new", "w", encoding="ascii") as f:
                f.write(offset + "\n")
            os.rename(clock + ".new", clock)

        def peppers():
            return sorted(int(n[7:11]) for n in os.listdir(d.state + "/keys") if re.fullmatch(r"sender-\d{4}\.key", n))

        def weeks():
            return {int(n[5:9]) for n in os.listdir(d.state + "/weeks") if n.startswith("week-")}
        say("+0d")
        start_under(d, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1")
        first, = peppers()
        week = min(weeks())
        self.assertEqual(tipctl("key", "--state", d.state, "epochs").returncode, 0)
        say("+31d")
        wait_for(lambda: first not in peppers(), 60, "the pepper whose days are over is destroyed")
        self.assertIn(peppers()[0] - first, (1, 2))
        self.assertEqual(len(peppers()), 1)
        late = d.tip(TEXT.format(1))
        self.assertTrue({week + 4, week + 5} & weeks(), weeks())
        say("+0d")   # the clock steps back: the same key again, and both tips open
        early = d.tip(TEXT.format(2))
        for tip in (late, early):
            self.assertIs(d.receipt(tip["receipt"]).json["erased"], False)
        self.assertLessEqual(len(weeks()), 4)   # of each time perhaps the next one


if __name__ == "__main__":
    main()
