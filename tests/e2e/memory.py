#!/usr/bin/python3
"""
Keys in memory: locked, left out of a core, and a daemon that may not lock them says so and works.

A core is taken by a debugger of root, who is stopped by nothing; that the keys would be found in it is shown with a core
that was told to take everything.
"""
import os
import re
import shutil
import subprocess
import unittest

from tipline import BUILD, ROOT, Daemon, main, new_dir, tipctl

TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
REGION = "150600"


class NoLocks(Daemon):
    """May lock nothing; root needs to lose the right to."""

    def command(self):
        drop = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] if os.geteuid() == 0 else []
        return [*drop, "prlimit", "--memlock=0:0", *super().command()]


def raw_keys(d):
    """What is in the key files, as it stands in memory."""
    directory = os.path.join(d.state, "keys")
    for name in sorted(os.listdir(directory)):
        if name.endswith(".key") and not name.startswith("identity-share"):
            with open(os.path.join(directory, name), encoding="ascii") as f:
                yield name, bytes.fromhex(f.read().strip())


def mappings(pid):
    """(what, kB, kB that are locked, flags) of each mapping."""
    found = []
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as f:
        for line in f:
            name, _, value = line.partition(":")
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                found.append([line.strip(), 0, 0, set()])
            elif name in ("Size", "Locked"):
                found[-1][1 + (name == "Locked")] = int(value.split()[0])
            elif name == "VmFlags":
                found[-1][3] = set(value.split())
    return found


class Memory(unittest.TestCase):
    def setUp(self):
        if BUILD != os.path.join(ROOT, "build"):
            self.skipTest("memory of a sanitizer is another one")
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)

    def at_work(self, d):
        """An officer reads a tip, so that keys of bureaus and of data are in memory."""
        made = tipctl("token", "add", "--state", d.state, "--person", "li", "--role", "officer", "--region", "000000")
        self.assertEqual(made.returncode, 0, made.stderr)
        token = made.stdout.split()[-1]
        d.tip(TEXT)
        self.assertEqual(d.claim(REGION, token=token)[0]["text"], TEXT)

    def core(self, d, *settings):
        path = os.path.join(self.home, "core")
        words = [word for s in settings for word in ("-ex", s)]
        done = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off", "-p", str(d.pid()), *words,
                               "-ex", f"gcore {path}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        self.assertTrue(os.path.exists(path), done.stdout + done.stderr)
        with open(path, "rb") as f:
            core = f.read()
        os.unlink(path)
        return core

    def test_no_key_in_a_core(self):
        if os.geteuid() != 0 or shutil.which("gdb") is None:
            self.skipTest("needs root and gdb")
        with Daemon("keys.plain=true", demo=False) as d:
            self.at_work(d)
            keys = dict(raw_keys(d))
            self.assertGreater(len(keys), 35)
            whole = self.core(d, "set dump-excluded-mappings on")
            found = {name for name, key in keys.items() if key in whole}
            self.assertLessEqual({"receipt.key", "fingerprint.key", "courier.key", "bureau-000000.key", "bureau-150000.key"}, found)
            del whole
            core = self.core(d)
            self.assertIn(b"tiplined", core)
            self.assertEqual([name for name, key in keys.items() if key in core or key.hex().encode() in core], [])

    def test_what_is_left_out_of_a_core_is_locked(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        with Daemon("keys.plain=true", demo=False) as d:
            self.at_work(d)
            kept_back = [m for m in mappings(d.pid()) if {"dd", "rd", "wr"} <= m[3]]
            self.assertGreater(sum(size for _, size, _, _ in kept_back), 64)
            self.assertEqual([m for m in kept_back if m[1] != m[2]], [])
            self.assertNotIn("not locked", d.ready().text)

    def test_nobody_else_reads_its_memory(self):
        with Daemon() as d:
            # Not dumpable: what belongs to a process belongs to root.
            self.assertEqual(os.stat(f"/proc/{d.pid()}/mem").st_uid, 0)
            with open(f"/proc/{d.pid()}/limits", encoding="ascii") as f:
                self.assertRegex(f.read(), r"Max core file size +0 +0 ")

    def test_without_locks_it_says_so_and_works(self):
        with NoLocks("keys.plain=true", demo=False) as d:
            self.at_work(d)
            ready = d.ready()
            self.assertEqual(ready.status, 200)
            self.assertRegex(ready.text, r"memory: \d+ bytes of keys are not locked")
            self.assertIn("LimitMEMLOCK", tipctl("doctor", "--state", d.state, "--set", "listen.ops=" + d.ports["ops"]).stdout)


if __name__ == "__main__":
    main()
