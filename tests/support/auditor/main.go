// A second verifier of the sealed log, which shares no code with the daemon: it
// stands on golang.org/x/mod (Debian: golang-golang-x-mod-dev).
//
//	auditor log DIR [CHECKPOINT...]   a whole log from its files, and that it continues older checkpoints
//	auditor proofs DIR                every line of DIR/proofs
//	auditor receipt DIR PROOF LEAF    one proof text and the entry it is for
//
// DIR holds key, checkpoint, tile/. It says "whole: N leaves", or what is wrong with
// the number of the first leaf that cannot be relied on, and ends with 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

func fail(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

// cosigner checks cosignature/v1, which x/mod does not know.
type cosigner struct {
	name string
	id   uint32
	key  note.Verifier
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	return c.key.Verify([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)), sig[8:])
}

func readFile(path string) []byte {
	data, err := os.ReadFile(path)
	must(err, "file")
	return data
}

// witness makes a cosigner of a key of type 4, by way of the same key as type 1.
func witness(text string) note.Verifier {
	parts := strings.SplitN(text, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, "witness key")
	if raw[0] != 4 {
		fail("witness key: type %d", raw[0])
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	must(err, "witness key")
	vkey, err := note.NewEd25519VerifierKey(parts[0], raw[1:])
	must(err, "witness key")
	key, err := note.NewVerifier(vkey)
	must(err, "witness key")
	return cosigner{parts[0], uint32(id), key}
}

func open(dir string, signed []byte) head {
	vkey := string(readFile(filepath.Join(dir, "key")))
	log, err := note.NewVerifier(vkey)
	must(err, "key")
	known := []note.Verifier{log}
	if text, err := os.ReadFile(filepath.Join(dir, "witness")); err == nil {
		known = append(known, witness(string(text)))
	}
	opened, err := note.Open(signed, note.VerifierList(known...))
	must(err, "checkpoint: signature")
	if opened.Sigs[0].Name != log.Name() || len(opened.Sigs) != len(known) {
		fail("checkpoint: %d of %d signatures", len(opened.Sigs), len(known))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		fail("checkpoint: not three lines of %s", log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "checkpoint: size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "checkpoint: root")
	return head{lines[0], size, root}
}

// The path of C2SP tlog-tiles, which has no height in it.
func path(t tlog.Tile, entries bool) string {
	parts := strings.Split(t.Path(), "/")
	if entries {
		parts = append([]string{"tile", "entries"}, parts[3:]...)
	} else {
		parts = append(parts[:1], parts[2:]...)
	}
	return strings.Join(parts, "/")
}

// A tile, or the start of the full one when the partial one was taken away.
func readTile(dir string, t tlog.Tile, entries bool) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, path(t, entries)))
	if err != nil && t.W < 1<<height {
		t.W = 1 << height
		data, err = os.ReadFile(filepath.Join(dir, path(t, entries)))
	}
	return data, err
}

// memory holds the stored hashes of x/mod's numbering.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, m[i])
	}
	return out, nil
}

func (m *memory) add(n int64, leaf tlog.Hash) {
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, *m)
	must(err, "hash")
	*m = append(*m, hashes...)
}

// The entries below one tile of level 0 against its hashes; names the first that does not fit.
func readEntries(dir string, t tlog.Tile, m *memory) {
	first := t.N << height
	bundle, err := readTile(dir, t, true)
	if err != nil {
		fail("leaf %d: entries are missing: %s", first, path(t, true))
	}
	tile, err := readTile(dir, t, false)
	if err != nil {
		fail("leaf %d: hashes are missing: %s", first, path(t, false))
	}
	for i := 0; i < t.W; i++ {
		at := first + int64(i)
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			fail("leaf %d: entries are cut", at)
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if len(tile) < (i+1)*tlog.HashSize {
			fail("leaf %d: hashes are cut", at)
		}
		leaf := tlog.RecordHash(bundle[2:end])
		if string(tile[i*tlog.HashSize:(i+1)*tlog.HashSize]) != string(leaf[:]) {
			fail("leaf %d: entry and hash differ", at)
		}
		m.add(at, leaf)
		bundle = bundle[end:]
	}
}

// A tile above level 0 against what the leaves give.
func checkTile(dir string, t tlog.Tile, m memory) {
	per := int64(1) << uint(height*t.L)
	first := (t.N << height) * per
	data, err := readTile(dir, t, false)
	if err != nil {
		fail("leaf %d: hashes are missing: %s", first, path(t, false))
	}
	wanted, err := tlog.ReadTileData(t, m)
	must(err, "tile")
	for i := 0; i < len(wanted); i += tlog.HashSize {
		if len(data) < i+tlog.HashSize || string(data[i:i+tlog.HashSize]) != string(wanted[i:i+tlog.HashSize]) {
			fail("leaf %d: %s differs from what the leaves give", first+int64(i/tlog.HashSize)*per, path(t, false))
		}
	}
}

// The tiles of a tree of that size. x/mod names a partial tile with every width up to its own.
func tiles(size int64) []tlog.Tile {
	var out []tlog.Tile
	for _, t := range tlog.NewTiles(height, 0, size) {
		if n := len(out); n > 0 && out[n-1].L == t.L && out[n-1].N == t.N {
			out[n-1] = t
		} else {
			out = append(out, t)
		}
	}
	return out
}

func rehash(dir string, size int64) memory {
	var m memory
	for _, t := range tiles(size) {
		if t.L == 0 {
			readEntries(dir, t, &m)
		}
	}
	for _, t := range tiles(size) {
		if t.L > 0 {
			checkTile(dir, t, m)
		}
	}
	return m
}

func rootOf(m memory, size int64) tlog.Hash {
	root, err := tlog.TreeHash(size, m)
	must(err, "root")
	return root
}

// Older checkpoints, by size: the first that does not fit encloses the first bad leaf.
func checkOld(m memory, old []head, now head) {
	sort.Slice(old, func(i, k int) bool { return old[i].size < old[k].size })
	good := int64(0)
	for _, h := range old {
		if h.size > now.size {
			fail("leaf %d: rolled back: a checkpoint of %d leaves was signed", now.size, h.size)
		}
		if h.size > 0 && rootOf(m, h.size) != h.root {
			fail("leaf %d: not what was signed at %d leaves", good, h.size)
		}
		good = h.size
	}
	if rootOf(m, now.size) != now.root {
		fail("leaf %d: not what was signed at %d leaves", good, now.size)
	}
	for _, h := range old {
		if h.size == 0 {
			continue
		}
		proof, err := tlog.ProveTree(now.size, h.size, m)
		must(err, "consistency")
		must(tlog.CheckTree(proof, now.size, now.root, h.size, h.root), "consistency")
	}
}

func checkLog(dir string, olds []string) {
	now := open(dir, readFile(filepath.Join(dir, "checkpoint")))
	var old []head
	for _, name := range olds {
		h := open(dir, readFile(name))
		if h.size > now.size {
			fail("leaf %d: rolled back: a checkpoint of %d leaves was signed", now.size, h.size)
		}
		old = append(old, h)
	}
	m := rehash(dir, now.size)
	checkOld(m, old, now)
	fmt.Printf("whole: %d leaves, %d older checkpoints\n", now.size, len(old))
}

func numbers(words []string) (int64, int64, []tlog.Hash) {
	a, err := strconv.ParseInt(words[1], 10, 64)
	must(err, "number")
	b, err := strconv.ParseInt(words[2], 10, 64)
	must(err, "number")
	var hashes []tlog.Hash
	for _, word := range words[3:] {
		h, err := tlog.ParseHash(word)
		must(err, "hash")
		hashes = append(hashes, h)
	}
	return a, b, hashes
}

func checkProofs(dir string) {
	now := open(dir, readFile(filepath.Join(dir, "checkpoint")))
	m := rehash(dir, now.size)
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(string(readFile(filepath.Join(dir, "proofs")))), "\n") {
		words := strings.Split(line, " ")
		a, b, hashes := numbers(words)
		switch words[0] {
		case "inclusion":
			leaf := m[tlog.StoredHashIndex(0, b)]
			must(tlog.CheckRecord(hashes, a, rootOf(m, a), b, leaf), line)
		case "consistency":
			must(tlog.CheckTree(hashes, b, rootOf(m, b), a, rootOf(m, a)), line)
		default:
			fail("unknown line %q", line)
		}
		n++
	}
	fmt.Printf("whole: %d proofs\n", n)
}

func checkReceipt(dir, proof, leaf string) {
	parts := strings.SplitN(string(readFile(proof)), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("not a proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	must(err, "index")
	var hashes []tlog.Hash
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		must(err, "hash")
		hashes = append(hashes, h)
	}
	now := open(dir, []byte(parts[1]))
	must(tlog.CheckRecord(hashes, now.size, now.root, index, tlog.RecordHash(readFile(leaf))), "receipt")
	fmt.Printf("whole: leaf %d of %d\n", index, now.size)
}

func main() {
	switch {
	case len(os.Args) >= 3 && os.Args[1] == "log":
		checkLog(os.Args[2], os.Args[3:])
	case len(os.Args) == 3 && os.Args[1] == "proofs":
		checkProofs(os.Args[2])
	case len(os.Args) == 5 && os.Args[1] == "receipt":
		checkReceipt(os.Args[2], os.Args[3], os.Args[4])
	default:
		fmt.Fprintln(os.Stderr, "usage: auditor log DIR [CHECKPOINT...] | proofs DIR | receipt DIR PROOF LEAF")
		os.Exit(2)
	}
}
