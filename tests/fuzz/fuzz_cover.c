/*
 * What the store may hold of a tip: covered, sealed, or anything.
 *
 * The first byte chooses: foreign bytes, of which nothing covered may open; or
 * bytes as a sealed form, which must come back from its cover, move to another
 * week, and be refused after one changed bit.
 */
#include "daemon/core/tip/cover.h"

#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct seal_key key = { "fuzz" }, other = { "other" };

static void must(bool well)
{
	if (!well)
		abort();
}

static void open_foreign(struct span stored, enum cover_kind kind)
{
	struct buf out = { 0 }, now = { 0 };
	struct span was;
	unsigned week;
	bool known = cover_week(stored, &week);

	must(cover_open(&id, kind, &key, stored, &out) == (known && week == 0));
	must(!known || week > 0 || span_eq(buf_span(&out), stored));
	if (cover_move(&id, kind, known && week == 0 ? NULL : &key, 7, &other, stored, &was, &now))
		must(known && week == 0 && was.len <= stored.len && now.len == was.len + COVER_MORE_BYTES);
	buf_release(&out);
	buf_release(&now);
}

static void there_and_back(struct span sealed, enum cover_kind kind, unsigned week)
{
	struct buf stored = { 0 }, now = { 0 }, back = { 0 };
	size_t covered = COVER_MORE_BYTES + (kind == COVER_CONTENT ? SEAL_CONTENT_HEAD_BYTES : SEAL_IDENTITY_HEAD_BYTES);
	size_t bit = sealed.len * 7919 % (covered * 8);
	struct span was;

	cover_seal(&id, kind, week, &key, sealed, &stored);
	must(cover_open(&id, kind, &key, buf_span(&stored), &back) && span_eq(buf_span(&back), sealed));
	must(cover_move(&id, kind, &key, week + 1, &other, buf_span(&stored), &was, &now));
	buf_add_span(&now, span_from_offset(buf_span(&stored), was.len));
	buf_clear(&back);
	must(cover_open(&id, kind, &other, buf_span(&now), &back) && span_eq(buf_span(&back), sealed));
	stored.at[bit / 8] ^= (char)(1 << bit % 8);
	buf_clear(&back);
	must(!cover_open(&id, kind, &key, buf_span(&stored), &back) && back.len == 0);
	buf_release(&stored);
	buf_release(&now);
	buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf sealed = { 0 };
	enum cover_kind kind;

	if (size == 0 || sodium_init() < 0)
		return 0;
	kind = data[0] & 1 ? COVER_CONTENT : COVER_IDENTITY;
	if (data[0] & 2) {
		open_foreign(span_from(data + 1, size - 1), kind);
		return 0;
	}
	buf_add_byte(&sealed, 1);
	buf_add(&sealed, data + 1, size - 1);
	while (sealed.len < SEAL_CONTENT_HEAD_BYTES + 1)
		buf_add_byte(&sealed, 0);
	there_and_back(buf_span(&sealed), kind, 1 + data[0]);
	buf_release(&sealed);
	return 0;
}
