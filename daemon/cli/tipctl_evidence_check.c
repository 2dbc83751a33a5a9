/*
 * Checking a pack of evidence: the manifest's signature, every file against the
 * manifest, every leaf against its proof, its opening and the event beside it,
 * records about money against what links them.
 */
#include "daemon/cli/tipctl_evidence.h"

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/core/journal/event.h"
#include "daemon/money/money_leaf.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/leaf.h"
#include "daemon/tlog/leaf_event.h"
#include "daemon/tlog/note.h"
#include "daemon/tlog/proof.h"

#include <sodium.h>

void evidence_signed_text(struct span manifest, struct buf *out)
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sum, (const unsigned char *)manifest.at, manifest.len);
	buf_add_text(out, EVIDENCE_FORMAT "\nsha256 ");
	hex_put(sum, sizeof(sum), buf_reserve(out, 2 * sizeof(sum)));
	out->len += 2 * sizeof(sum);
	buf_add_text(out, "\n");
}

/* --- signature ------------------------------------------------------------------------------------ */

static bool key_in(const struct pack *pack, const char *name, struct note_key *key)
{
	const struct pack_file *file = pack_find(pack, name);
	struct span rest = file != NULL ? buf_span(&file->bytes) : (struct span){ 0 }, line;

	return span_cut(&rest, '\n', &line) && note_key_parse(line, key);
}

static bool is_signed(const struct pack *pack, const struct note_key *key, struct complaint *why)
{
	const struct pack_file *manifest = pack_find(pack, "manifest.json"), *signature = pack_find(pack, "manifest.sig");
	struct note_key own;
	struct buf text = { 0 };
	struct note note;
	bool well = manifest != NULL && signature != NULL && note_parse(buf_span(&signature->bytes), &note);

	if (!well)
		return complain(why, 0, "is missing, or is no signed note");
	evidence_signed_text(buf_span(&manifest->bytes), &text);
	well = span_eq(note.text, buf_span(&text));
	buf_release(&text);
	if (!well)
		return complain(why, 0, "is over another manifest");
	if (key == NULL && !key_in(pack, "signer.key", &own))
		return complain(why, 0, "no key is there to check it: --key");
	return note_check(&note, key != NULL ? key : &own, NULL) == NOTE_SIGNED || complain(why, 0, "is not signed by that key");
}

/* --- files ------------------------------------------------------------------------------------------ */

static struct span text_in(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL ? member->text : (struct span){ 0 };
}

static bool fits(const struct pack_file *file, const struct json_object *row, struct complaint *why)
{
	unsigned char sum[crypto_hash_sha256_BYTES], wanted[crypto_hash_sha256_BYTES];
	uint64_t size;

	crypto_hash_sha256(sum, (const unsigned char *)file->bytes.at, file->bytes.len);
	if (!span_u64(text_in(row, "size"), &size) || !hex_get(text_in(row, "sha256"), wanted, sizeof(wanted)))
		return complain(why, 0, "the manifest's row cannot be read");
	if (size != file->bytes.len)
		return complain(why, 0, "has another size than in the manifest");
	return memcmp(sum, wanted, sizeof(sum)) == 0 || complain(why, 0, "is changed: another SHA-256 than in the manifest");
}

struct checking {
	const struct pack *pack;
	struct arena arena;
	struct complaint *why;
	char name[PACK_NAME_MAX + 1];   /* of the file at hand */
	size_t listed;
};

static bool check_row(struct checking *c, struct span manifest, const struct json_member *element)
{
	struct json_object row;
	const struct pack_file *file;
	struct span name;

	if (!json_object_within(manifest, element, &c->arena, &row, c->why))
		return false;
	name = text_in(&row, "name");
	snprintf(c->name, sizeof(c->name), "%.*s", (int)(name.len < PACK_NAME_MAX ? name.len : PACK_NAME_MAX), name.at);
	file = pack_find(c->pack, c->name);
	c->listed++;
	return (file != NULL || complain(c->why, 0, "is missing")) && fits(file, &row, c->why);
}

static bool check_files(struct checking *c)
{
	const struct pack_file *file = pack_find(c->pack, "manifest.json");
	struct span manifest = file != NULL ? buf_span(&file->bytes) : (struct span){ 0 };
	const struct json_member *files;
	struct json_object object;
	struct json_array array;
	struct json_member element;

	snprintf(c->name, sizeof(c->name), "manifest.json");
	if (!json_object_read(manifest, &c->arena, &object, c->why))
		return false;
	files = json_member_find(&object, "files");
	if (!span_is(text_in(&object, "format"), EVIDENCE_FORMAT) || files == NULL || !json_array_within(manifest, files, &array))
		return complain(c->why, 0, "is of another format");
	while (json_array_next(&array, &c->arena, &element))
		if (!check_row(c, manifest, &element))
			return false;
	snprintf(c->name, sizeof(c->name), "manifest.json");
	return c->listed + 2 == c->pack->n || complain(c->why, 0, "does not list all files that are there");
}

/* --- leaves ------------------------------------------------------------------------------------------- */

/* What a leaf of that event says, in every field that is open and follows from the event alone. */
static bool says_the_same(struct checking *c, const char *log, struct span json, const struct leaf_opening *opening)
{
	struct leaf_event event;

	if (strcmp(log, "money") == 0)
		money_leaf(json, &c->arena, &event);
	else
		leaf_event_of_tip(json, &c->arena, &event);
	for (unsigned i = 0; i < LEAF_ENTRY; i++)
		if ((opening->open & LEAF_OPEN(i)) == 0 || !span_eq(event.values.at[i], opening->values.at[i]))
			return false;
	return true;
}

/* The event of that number beside the leaf says the same as its opening. */
static bool is_event(struct checking *c, const char *log, struct span number, const struct leaf_opening *opening)
{
	char name[PACK_NAME_MAX + 1];
	const struct pack_file *events;
	struct span rest, line;

	snprintf(name, sizeof(name), "%s/events.jsonl", log);
	events = pack_find(c->pack, name);
	rest = events != NULL ? buf_span(&events->bytes) : (struct span){ 0 };
	while (span_cut(&rest, '\n', &line)) {
		struct event_member member;

		if (!event_find(line, "number", &member) || !span_eq(member.value, number) || !event_find(line, "event", &member))
			continue;
		return says_the_same(c, log, member.value, opening);
	}
	return false;
}

static bool check_proof(struct checking *c, const char *log, struct span index, struct span bytes)
{
	struct finding_of {
		struct checkpoint checkpoint;
		struct note note;
	} head;
	char name[PACK_NAME_MAX + 1];
	struct merkle_hash leaf = merkle_leaf(bytes);
	struct note_key key;
	struct proof proof;
	const struct pack_file *file;
	uint64_t number;

	snprintf(name, sizeof(name), "%s/key", log);
	if (!key_in(c->pack, name, &key))
		return complain(c->why, 0, "its log has no key in the pack");
	snprintf(c->name, sizeof(c->name), "%s/proofs/%.*s.tlog-proof", log, (int)index.len, index.at);
	file = pack_find(c->pack, c->name);
	if (file == NULL || !proof_parse(buf_span(&file->bytes), &c->arena, &proof) || !note_parse(proof.checkpoint, &head.note) ||
	    !checkpoint_parse(head.note.text, &head.checkpoint))
		return complain(c->why, 0, "is missing, or is no proof");
	if (note_check(&head.note, &key, NULL) != NOTE_SIGNED)
		return complain(c->why, 0, "has a checkpoint that the log's key has not signed");
	return (span_u64(index, &number) && number == proof.index &&
		merkle_verify(&leaf, proof.index, head.checkpoint.head.size, proof.path.hashes, proof.path.n,
			      &head.checkpoint.head.root)) ||
	       complain(c->why, 0, "does not prove its leaf");
}

static bool check_leaf(struct checking *c, const char *log, struct span line)
{
	unsigned char bytes[LEAF_BYTES];
	struct json_object row;
	struct leaf_opening opening;
	struct leaf leaf;
	size_t len = 0;

	snprintf(c->name, sizeof(c->name), "%s/leaves.jsonl", log);
	if (!json_object_read(line, &c->arena, &row, c->why))
		return false;
	if (!base64_get(text_in(&row, "leaf"), bytes, sizeof(bytes), &len) || len != sizeof(bytes) ||
	    !leaf_parse(span_from(bytes, sizeof(bytes)), &leaf) || !leaf_opening_read(text_in(&row, "opening"), &opening) ||
	    !leaf_opens(&leaf, &opening))
		return complain(c->why, 0, "leaf %.*s is not opened by its opening", (int)text_in(&row, "index").len,
				text_in(&row, "index").at);
	if (!is_event(c, log, text_in(&row, "number"), &opening))
		return complain(c->why, 0, "leaf %.*s is of another event than entry %.*s", (int)text_in(&row, "index").len,
				text_in(&row, "index").at, (int)text_in(&row, "number").len, text_in(&row, "number").at);
	return check_proof(c, log, text_in(&row, "index"), span_from(bytes, sizeof(bytes)));
}

static size_t lines_of(const struct pack *pack, const char *log, const char *what)
{
	char name[PACK_NAME_MAX + 1];
	const struct pack_file *file;
	struct span rest, line;
	size_t n = 0;

	snprintf(name, sizeof(name), "%s/%s", log, what);
	file = pack_find(pack, name);
	rest = file != NULL ? buf_span(&file->bytes) : (struct span){ 0 };
	while (span_cut(&rest, '\n', &line))
		n++;
	return n;
}

static bool check_leaves(struct checking *c, const struct pack_file *file, struct span log)
{
	struct span rest = buf_span(&file->bytes), line;
	char name[16];

	snprintf(name, sizeof(name), "%.*s", (int)log.len, log.at);
	while (span_cut(&rest, '\n', &line))
		if (line.len > 0 && !check_leaf(c, name, line))
			return false;
	snprintf(c->name, sizeof(c->name), "%s/leaves.jsonl", name);
	return lines_of(c->pack, name, "leaves.jsonl") == lines_of(c->pack, name, "events.jsonl") ||
	       complain(c->why, 0, "has not a leaf for each event");
}

static bool check_logs(struct checking *c)
{
	for (size_t i = 0; i < c->pack->n; i++) {
		struct span rest = span_of(c->pack->files[i].name), log;

		if (!span_cut(&rest, '/', &log) || !span_is(rest, "leaves.jsonl"))
			continue;
		if (!check_leaves(c, &c->pack->files[i], log))
			return false;
	}
	return true;
}

/* --- money -------------------------------------------------------------------------------------------- */

struct link {
	struct span seq, prev, hash;
};

static bool read_link(struct span json, const char *seq, struct link *link)
{
	struct event_member number, prev, hash;

	if (!event_find(json, seq, &number) || !event_find(json, "prev", &prev) || !event_find(json, "hash", &hash))
		return false;
	*link = (struct link){ .seq = number.value, .prev = prev.value, .hash = hash.value };
	return true;
}

static bool follows(const struct link *before, const struct link *link)
{
	uint64_t one, other;

	return span_u64(before->seq, &one) && span_u64(link->seq, &other) && other == one + 1 && span_eq(link->prev, before->hash);
}

/* The next record about the matter; false: there is none. Numbers in its line stand before it. */
static bool next_record(struct span *rest, struct link *record)
{
	struct event_member event;
	struct span line;

	*record = (struct link){ 0 };
	return span_cut(rest, '\n', &line) && event_find(line, "event", &event) && read_link(event.value, "seq", record);
}

static bool check_links(struct checking *c, struct span chain, struct span events)
{
	struct link before = { 0 }, link, record;
	struct span line;
	bool more = next_record(&events, &record);

	for (size_t n = 1; chain.len > 0 && span_cut(&chain, '\n', &line); n++) {
		if (!read_link(line, "seq", &link) || (n > 1 && !follows(&before, &link)))
			return complain(c->why, 0, "line %zu does not follow the one before", n);
		if (more && span_eq(record.seq, link.seq)) {
			if (!span_eq(record.hash, link.hash))
				return complain(c->why, 0, "line %zu has another hash than the record", n);
			more = next_record(&events, &record);
		}
		before = link;
	}
	return (!more && events.len == 0) || complain(c->why, 0, "has no line for a record about the matter");
}

static bool check_chain(struct checking *c)
{
	const struct pack_file *events = pack_find(c->pack, "money/events.jsonl"), *chain = pack_find(c->pack, "money/chain.jsonl");

	snprintf(c->name, sizeof(c->name), "money/chain.jsonl");
	if (events == NULL)
		return true;
	return (chain != NULL || complain(c->why, 0, "is missing")) &&
	       check_links(c, buf_span(&chain->bytes), buf_span(&events->bytes));
}

/* --- all of it ---------------------------------------------------------------------------------------- */

static bool check_part(struct checking *c, enum evidence_part part, const struct note_key *key)
{
	switch (part) {
	case EVIDENCE_SIGNATURE:
		return is_signed(c->pack, key, c->why);
	case EVIDENCE_FILES:
		return check_files(c);
	case EVIDENCE_LEAVES:
		return check_logs(c);
	case EVIDENCE_CHAIN:
		return check_chain(c);
	case EVIDENCE_PARTS:
		break;
	}
	return true;
}

const char *evidence_check_part(const struct pack *pack, enum evidence_part part, const struct note_key *key,
				struct complaint *why)
{
	static struct checking c;
	bool well;

	c = (struct checking){ .pack = pack, .why = why, .name = "manifest.sig" };
	well = check_part(&c, part, key);
	arena_release(&c.arena);
	return well ? NULL : c.name;
}

const char *evidence_check(const struct pack *pack, const struct note_key *key, struct complaint *why)
{
	for (unsigned part = 0; part < EVIDENCE_PARTS; part++) {
		const char *first = evidence_check_part(pack, part, key, why);

		if (first != NULL)
			return first;
	}
	return NULL;
}
