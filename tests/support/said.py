"""
What was said to a daemon in a test and must stand nowhere afterwards: texts,
contacts, payees, receipt codes, tokens, passwords, as requests and answers
carry them. request() of tipline.py hands each over; when a daemon is closed,
its state directory, its store, its log and its last figures are looked through
for every one of them, in each form in which it could lie there. So each
end-to-end test is a canary as well.

GNU grep does the looking: it takes thousands of words at the speed of the disk.
"""
import json
import os
import subprocess
import tempfile
import urllib.parse

from canary_scan import base64_cores, receipt_forms

MOST = 300      # words of a kind; a test that says more says the same kind of thing
LEAST = 11      # bytes: a telephone number; shorter ones are found by chance
KINDS = {"text": "text", "contact": "contact", "receipt": "receipt", "password": "password", "old": "password",
         "new": "password", "account": "payee", "secret": "secret", "csrf": "session", "totp_secret": "secret",
         "code": "code", "note": "text", "place": "place", "when": "when"}

_words = {}     # kind: set of texts


def note(kind, word):
    """Remembers a word of a kind; what is too short to be looked for is left."""
    known = _words.setdefault(kind, set())
    if isinstance(word, str) and len(word.encode("utf-8", "surrogatepass")) >= LEAST and len(known) < MOST:
        known.add(word)


def _members(value, depth=0):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in KINDS and isinstance(inner, str):
                note(KINDS[name], inner)
            elif depth < 3:
                _members(inner, depth + 1)


def _body(body, media):
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes) or len(body) > 65536:
        return
    try:
        if "json" in media:
            _members(json.loads(body))
        elif "urlencoded" in media:
            _members(dict(urllib.parse.parse_qsl(body.decode())))
    except (ValueError, UnicodeError):
        pass    # a test of what is malformed


PUBLIC = ("/policies",)   # what is said there is for everybody


def exchange(path, asked, body, status, told, answer):
    """One request and what came back; only what was taken counts."""
    asked = {name.lower(): value for name, value in asked.items()}
    if status not in (200, 201, 202) or any(part in path for part in PUBLIC):
        return
    if str(asked.get("authorization", "")).startswith("Bearer "):
        note("token", asked["authorization"][7:])
    for cookie in told.get_all("Set-Cookie") or []:
        note("session", cookie.split(";")[0].partition("=")[2])
    _body(body, str(asked.get("content-type", "")))
    if (told.get("Content-Type") or "").startswith("application/json"):
        try:
            value = json.loads(answer)
        except ValueError:
            return
        if isinstance(value, dict):
            for name in ("receipt", "csrf", "setup_code", "totp_secret"):
                if isinstance(value.get(name), str):
                    note(KINDS.get(name, "secret"), value[name])


def _forms(kind, word):
    """Bytes in which a word could lie in a file, without line ends."""
    if kind == "receipt":
        for text in receipt_forms(word).values():
            yield text.encode()
        word = "".join(filter(str.isdigit, word))
    utf8 = word.encode("utf-8", "surrogatepass")
    yield from (utf8, utf8.hex().encode(), json.dumps(word)[1:-1].encode(), urllib.parse.quote(utf8).encode())
    yield from (core for core in base64_cores(utf8) if len(core) >= LEAST)


def needles():
    """{bytes: kind} of all that is looked for."""
    out = {}
    for kind, words in _words.items():
        for word in words:
            for form in _forms(kind, word):
                if b"\n" not in form and b"\0" not in form and len(form) >= LEAST:
                    out[form] = kind
    return out


def _matches(wanted, paths, leave):
    with tempfile.NamedTemporaryFile() as listed:
        listed.write(b"\n".join(wanted))
        listed.flush()
        done = subprocess.run(["grep", "-raoF", "--devices=skip", *(f"--exclude={name}" for name in leave),
                               *(f"--exclude-dir={name}" for name in leave), "-f", listed.name, "--", *paths],
                              capture_output=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    if done.returncode > 1 and not done.stdout:
        missing = [line for line in done.stderr.splitlines() if b"No such" not in line and b"binary file" not in line]
        if missing:
            raise AssertionError(f"grep: {missing[:3]}")
    return done.stdout.splitlines()


def left_in(paths, leave=()):
    """[(path, kind, what)] of what was said and stands in files below the paths; files and directories named in `leave` are not looked at."""
    wanted = needles()
    paths = [path for path in paths if os.path.exists(path)]
    if not wanted or not paths:
        return []
    found = set()
    for line in _matches(wanted, paths, leave):
        path, _, word = line.partition(b":")
        found.add((path.decode(errors="replace"), wanted.get(word, "?"), word.decode(errors="replace")))
    return sorted(found)
