#!/usr/bin/python3
"""
For whom tips open. A thief takes everything a process has on its disks, and all
of Redis, and tries whatever looks like a key in it: that must open nothing where
no person's token is among it. That the thief is able to is shown where keys lie
in the clear.
"""
import ctypes
import json
import os
import re
import shutil
import unittest

from tipline import Daemon, Redis, main, new_dir, tipctl, wait_for

REGION = "150600"
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
DATA_KEYS = """
local out = {}
for _, name in ipairs(redis.call('KEYS', '*:datakeys')) do
	for _, value in ipairs(redis.call('HVALS', name)) do
		out[#out + 1] = string.gsub(value, '.', function(c) return string.format('%02x', string.byte(c)) end)
	end
end
return out
"""
sodium = ctypes.CDLL("libsodium.so.23")
assert sodium.sodium_init() >= 0


def opens(box, public, secret):
    """Whether a private key opens a crypto_box_seal of 32 bytes."""
    clear = ctypes.create_string_buffer(32)
    return sodium.crypto_box_seal_open(clear, box, ctypes.c_ulonglong(len(box)), public, secret) == 0


def public_of(secret):
    public = ctypes.create_string_buffer(32)
    sodium.crypto_scalarmult_base(public, secret)
    return public.raw


def candidates(directories):
    """Every run of 64 hex digits of every file, as bytes, and every file of 32 bytes."""
    found = set()
    for directory in directories:
        for where, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(where, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        content = f.read()
                    found.update(bytes.fromhex(m.decode()) for m in re.findall(rb"(?=([0-9a-f]{64}))", content))
                    found.add(content[:32].ljust(32, b"\0"))
    return found


def stolen(redis_ask, directories):
    """How many of the store's data keys what lies in the directories opens, and how many there are."""
    sealed = [bytes.fromhex(value) for value in redis_ask("eval", DATA_KEYS, 0)]
    # A version, then rows of a box behind the first eight bytes of the public key that it is for.
    pairs = {}
    for secret in candidates(directories):
        public = public_of(secret)
        pairs[public[:8]] = (public, secret)
    rows = [[(value[at:at + 8], value[at + 8:at + 88]) for at in range(1, len(value), 88)] for value in sealed]
    return sum(any(hint in pairs and opens(box, *pairs[hint]) for hint, box in of) for of in rows), len(rows)


class IntakeOnly(Daemon):
    def listens(self):
        super().listens()
        return {"public", "ops"} <= set(self.ports)


class Keys(unittest.TestCase):
    def setUp(self):
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)

    def file(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o600)
        return path

    def token(self, d, person, role, region, *more):
        done = tipctl("token", "add", "--state", d.state, "--person", person, "--role", role, "--region", region, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip(), done.stderr

    def key(self, d, *words):
        return tipctl("key", "--state", d.state, *words)

    def copy(self, d, name):
        to = os.path.join(self.home, name)
        d.copy(to)
        return to

    def test_an_older_installation_is_locked(self):
        with Daemon("keys.plain=true", demo=False) as d:
            token, said = self.token(d, "li", "officer", "000000")
            self.assertIn("opens no tips", said)
            tip = d.tip(TEXT)["id"]
            self.assertEqual(d.claim(REGION, token=token)[0]["text"], TEXT)
            self.assertIn("keys.plain", d.ready().text)
            opened, there = stolen(d.redis_ask, [self.copy(d, "plain")])
            self.assertEqual((opened, there > 0), (there, True))   # the thief is able to
            self.assertEqual(d.stop(), 0)

            d.sets.remove("keys.plain=true")
            d.start()
            read = d.staff("GET", f"/api/v1/tips/{tip}", token=token)
            self.assertEqual((read.status, read.json["readable"], "text" in read.json), (200, False, False))
            self.assertIn("tipctl key lock", d.ready().text)
            self.assertEqual(self.key(d, "lock").returncode, 1)   # of whom?
            done = self.key(d, "--with", self.file("li", token + "\n"), "lock")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([n for n in os.listdir(d.state + "/keys") if re.fullmatch(r"bureau-\d+\.key", n)], [])
            wait_for(lambda: d.staff("GET", f"/api/v1/tips/{tip}", token=token).json["readable"], 10, "the old tip is read again")
            self.assertNotIn("key lock", d.ready().text)
            self.assertEqual(stolen(d.redis_ask, [self.copy(d, "locked")]), (0, there))

    def test_given_and_taken(self):
        with Daemon() as d:
            tip = d.tip(TEXT)["id"]
            self.assertEqual(d.claim(REGION)[0]["text"], TEXT)
            mine = self.file("officer", d.token("officer"))
            os.rename(os.path.join(d.state, "demo.json"), os.path.join(self.home, "demo.json"))
            token, said = self.token(d, "wang", "verifier", REGION)
            self.assertIn("tipctl key grant wang", said)
            path = f"/api/v1/tips/{tip}"
            self.assertFalse(d.staff("GET", path, token=token).json["readable"])
            done = self.key(d, "--with", mine, "grant", "wang", REGION)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(d.staff("GET", path, token=token).json["text"], TEXT)
            # A second token of the same person needs the first; a revoked one opens nothing more.
            other, said = self.token(d, "wang", "verifier", REGION)
            self.assertIn("older token", said)
            self.assertFalse(d.staff("GET", path, token=other).json["readable"])
            other, said = self.token(d, "wang", "verifier", REGION, "--with", self.file("wang", token))
            self.assertEqual(d.staff("GET", path, token=other).json["text"], TEXT)
            done = self.key(d, "revoke", "wang", REGION)
            self.assertEqual(done.returncode, 0, done.stderr)
            for gone in (token, other):
                self.assertFalse(d.staff("GET", path, token=gone).json["readable"])
            self.assertEqual(self.key(d, "--with", self.file("wang", token), "grant", "wang", REGION).returncode, 1)
            listed = tipctl("token", "list", "--state", d.state).stdout
            of_wang = next(line.split()[0] for line in listed.splitlines() if " wang" in line)
            self.assertEqual(tipctl("token", "revoke", "--state", d.state, of_wang).returncode, 0)
            with open(os.path.join(d.state, "person-keys.jsonl"), encoding="ascii") as f:
                wang = next(row for row in map(json.loads, f) if row["person"] == "wang")
            self.assertNotIn(f"token:{of_wang}", [wrap["by"] for wrap in wang["wraps"]])

    def test_two_custodians_bring_keys_back(self):
        with Daemon() as d:
            tip = d.tip(TEXT)["id"]
            self.assertEqual(d.claim(REGION)[0]["text"], TEXT)
            made = self.key(d, "recovery", "init")
            self.assertEqual(made.returncode, 0, made.stderr)
            one, two = made.stdout.split()
            self.assertEqual(self.key(d, "recovery", "init").returncode, 1)   # once
            os.rename(os.path.join(d.state, "demo.json"), os.path.join(self.home, "demo.json"))
            for box in os.listdir(d.state + "/keys"):   # what is left when every token is lost
                self.assertNotIn(one[2:].replace("-", "")[:64], open(os.path.join(d.state, "keys", box), encoding="ascii").read())
            token, _ = self.token(d, "wang", "verifier", REGION)
            path = f"/api/v1/tips/{tip}"
            self.assertFalse(d.staff("GET", path, token=token).json["readable"])
            for wrong in (one, f"{one}\n{one}", f"{two}\n{one}", one.replace(one[4], "z") + "\n" + two):
                self.assertEqual(tipctl("key", "--state", d.state, "recover", "wang", REGION, text=wrong + "\n").returncode, 1)
            done = tipctl("key", "--state", d.state, "recover", "wang", REGION, text=f"{one}\n{two}\n")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(d.staff("GET", path, token=token).json["text"], TEXT)

    def test_who_takes_tips_in_cannot_read_them(self):
        """Intake has public keys and peppers; with all it has, and all of Redis, nothing of before opens."""
        redis = Redis().start()
        self.addCleanup(redis.remove)
        with Daemon(f"store.address={redis.address}") as desk:
            home = os.path.join(self.home, "i")
            keys = os.path.join(home, "keys")
            shutil.copytree(os.path.join(desk.state, "keys"), keys, ignore=shutil.ignore_patterns("*.box", "identity-share-*"))
            intake = IntakeOnly(f"store.address={redis.address}", f"keys.dir={keys}", "keys.create=false", "roles=intake", f"keys.weeks_dir={desk.state}/weeks",
                                state=os.path.join(home, "s", "state"), demo=False)
            with intake:
                tip = intake.tip(TEXT)["id"]
                live = os.path.join(self.home, "live")
                intake.copy(live)
                # What was mapped or is open of files: none with a private key of a bureau.
                with open(f"/proc/{intake.pid()}/maps", encoding="utf-8") as f:
                    self.assertNotRegex(f.read(), r"bureau-|\.box")
                links = [os.readlink(f"/proc/{intake.pid()}/fd/{n}") for n in os.listdir(f"/proc/{intake.pid()}/fd")]
                self.assertEqual([name for name in links if "bureau-" in name], [])
            opened, there = stolen(redis.ask, [live, keys, redis.dir])
            self.assertEqual(opened, 0)
            self.assertGreater(there, 0)
            # And it is a tip that who may does read.
            self.assertEqual(desk.claim_when_there(REGION)[0]["text"], TEXT)
            self.assertEqual(desk.staff("GET", f"/api/v1/tips/{tip}").json["text"], TEXT)


if __name__ == "__main__":
    main()
