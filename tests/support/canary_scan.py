"""
Looking for words that must stand nowhere: each in every form in which it could
lie in a file, byte by byte. For any end-to-end test:

    found = scan(files(daemon.state), {"phone": "13800138000"})
    self.assertEqual(found, [])
"""
import base64
import json
import os
import urllib.parse

PIECE = 1 << 24
LEAST = 6   # bytes of a needle: shorter ones are found by chance


def base64_cores(bytes_):
    """What of it stands in base 64 whatever was before and behind it: three ways to begin."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + bytes_)
        first = (shift * 8 + 5) // 6
        last = (shift + len(bytes_)) * 8 // 6
        yield text[first:last]
        yield text[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def forms(word):
    """{form: bytes} of a word."""
    utf8 = word.encode()
    out = {"utf-8": utf8, "utf-16be": word.encode("utf-16-be"), "utf-16le": word.encode("utf-16-le"),
           "json": json.dumps(word)[1:-1].encode(), "percent": urllib.parse.quote(word, safe="").encode()}
    try:
        out["gbk"] = word.encode("gbk")
    except UnicodeEncodeError:
        pass
    for name in list(out):
        if name in ("utf-8", "gbk", "utf-16be"):
            out[name + " hex"], out[name + " HEX"] = out[name].hex().encode(), out[name].hex().upper().encode()
    for i, core in enumerate(base64_cores(utf8)):
        out[f"base64 {i}"] = core
    return {form: bytes_ for form, bytes_ in out.items() if len(bytes_) >= LEAST}


def receipt_forms(code):
    """A receipt code as it is written: in a row, in groups of four, with blanks or dashes."""
    digits = "".join(filter(str.isdigit, code))
    groups = [digits[i:i + 4] for i in range(0, len(digits), 4)]
    return {"receipt": digits, "receipt in groups": " ".join(groups), "receipt with dashes": "-".join(groups)}


def scan(sources, words):
    """
    sources: (name, bytes); words: {name: text}. What was found: (source, word,
    form), each once. An empty word is a mistake of the test.
    """
    needles = []
    for name, word in words.items():
        if not forms(word):
            raise ValueError(f"{name} is too short to be looked for")
        needles += [(name, form, bytes_) for form, bytes_ in forms(word).items()]
    found = []
    for source, data in sources:
        found += [(source, name, form) for name, form, bytes_ in needles if bytes_ in data]
    return found


def files(*roots, without=()):
    """(path, bytes) of every regular file below, in the order of a walk; one above 16 MiB in overlapping pieces."""
    for root in roots:
        for where, _, names in os.walk(root):
            for name in names:
                path = os.path.join(where, name)
                if not os.path.isfile(path) or os.path.islink(path) or path in without:
                    continue
                with open(path, "rb") as f:
                    tail = b""
                    while piece := f.read(PIECE):
                        yield path, tail + piece
                        tail = piece[-1024:]
