/*
 * Sealed things from the store, and the records inside them.
 *
 * The first byte chooses: foreign bytes given to everything that opens, or to
 * the readers of records; or bytes as a tip's words, which must come back from
 * sealing as they were and be refused after one changed bit.
 */
#include "daemon/core/tip/content.h"
#include "daemon/core/tip/seal.h"

#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct seal_key key = { "fuzz" };

static void must(bool well)
{
	if (!well)
		abort();
}

/* Nothing sealed by nobody may open. */
static void open_foreign(struct span bytes, struct arena *arena)
{
	struct data_key data_key = { .key = key };
	struct tip_content content;
	struct tip_message message;
	struct span a, b;
	struct seal_key out;
	unsigned char commitment[SEAL_COMMITMENT_BYTES];

	seal_data_key_id(bytes, data_key.id);
	must(!seal_tip_key_by_bureau(&id, bytes, &data_key, &out));
	must(!seal_tip_key_by_receipt(&id, bytes, &key, &out));
	must(!seal_open_tip(&id, bytes, &key, arena, &content));
	must(!seal_open_message(&id, bytes, &key, arena, &message));
	must(!seal_open_blob(&key, "fuzz", bytes, arena, &a));
	must(!seal_open_identity(&id, bytes, key.bytes, key.bytes, arena, &a, &b));
	must(!seal_open_data_key(bytes, key.bytes, key.bytes, &out));
	seal_commitment(&key, bytes, commitment);
}

/* What is read can be written and is read the same again. */
static void read_record(struct span bytes, struct arena *arena)
{
	struct tip_content content, again;
	struct tip_message message;
	struct span contact, sender;
	struct buf out = { 0 };

	message_read(bytes, arena, &message);
	identity_read(bytes, arena, &contact, &sender);
	if (!content_read(bytes, arena, &content))
		return;
	content_write(&content, &out);
	must(content_read(buf_span(&out), arena, &again));
	must(span_eq(content.text, again.text) && span_eq(content.place, again.place));
	must(content.nfiles == again.nfiles);
	for (size_t i = 0; i < content.nfiles; i++)
		must(span_eq(content.files[i].name, again.files[i].name) &&
		     content.files[i].bytes == again.files[i].bytes);
	buf_release(&out);
}

static void seal_and_open(struct span bytes, struct arena *arena)
{
	struct tip_content in = { .text = bytes, .place = span_from_offset(bytes, bytes.len / 2) }, out;
	struct data_key data_key = { .key = key };
	struct buf sealed = { 0 };
	size_t bit = bytes.len * 7919;

	seal_tip(&id, &in, &key, &data_key, &key, &sealed);
	must(seal_open_tip(&id, buf_span(&sealed), &key, arena, &out));
	must(span_eq(in.text, out.text) && span_eq(in.place, out.place));
	bit %= (sealed.len - 129) * 8; /* somewhere in the content */
	sealed.at[129 + bit / 8] ^= (char)(1 << bit % 8);
	must(!seal_open_tip(&id, buf_span(&sealed), &key, arena, &out));
	buf_release(&sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct span bytes;

	if (size == 0 || sodium_init() < 0)
		return 0;
	bytes = span_from(data + 1, size - 1);
	if (data[0] % 3 == 0)
		open_foreign(bytes, &arena);
	else if (data[0] % 3 == 1)
		read_record(bytes, &arena);
	else
		seal_and_open(bytes, &arena);
	arena_release(&arena);
	return 0;
}
