/*
 * The treasury's view of the journal: read from the first record on, held
 * against mirror and head, folded into the book.
 *
 * A second check (the store went and came back) does not fold again: as long as
 * its records are the mirror's byte for byte, they are those that the book has.
 */
#include "daemon/jobs/treasury_inside.h"

#include "daemon/base/hex.h"
#include "daemon/sys/log.h"

#define READ_RECORDS 128      /* at once: a few ms of folding, then the loop turns */
#define REFUSED_REST_MS 1000
#define LOOK_MS 60000         /* at the mirror's file */
#define TELL_MS 5000
#define MIRROR_RETRY_MS 1000
#define MIRROR_BATCH ((size_t)1 << 20)

/* --- what went wrong --------------------------------------------------------------------- */

/* Read-only from here on; always false. */
static bool stop(struct treasury *t, uint64_t seq)
{
	t->figures.bad_seq = seq;
	t->checked = false;
	t->reading = false;
	log_event(LOG_LEVEL_ERROR, "treasury.stopped", "record", log_u64(seq), "why", t->bad.text, NULL);
	return false;
}

bool treasury_mirror_synced(struct treasury *t)
{
	if (mirror_waiting(t->mirror) == 0)
		return true;
	if (t->mirror_failing && treasury_loop_ms(t) - t->mirror_ms < MIRROR_RETRY_MS)
		return false;
	t->mirror_ms = treasury_loop_ms(t);
	t->mirror_failing = !mirror_sync(t->mirror, &t->mirror_bad);
	if (t->mirror_failing)
		log_rarely(LOG_LEVEL_ERROR, "treasury.mirror_failed", t->mirror_bad.text);
	return !t->mirror_failing;
}

/* --- a record ------------------------------------------------------------------------------ */

/* What a process that reads the journal from its beginning meets on the way is no news. */
static void tell_quarantine(struct treasury *t, const struct record *record)
{
	const struct book_quarantine *quarantine = book_quarantine(t->book);

	if (span_is(record->kind, "book.restored"))
		t->restored_known = 0;
	if (!t->checked)
		return;
	if (span_is(record->kind, "book.restored"))
		log_event(LOG_LEVEL_ERROR, "treasury.quarantine", "id", quarantine->id, NULL);
	else if (span_is(record->kind, "book.reconciled"))
		log_event(LOG_LEVEL_NOTICE, "treasury.reconciled", "id", quarantine->id, "until", quarantine->until, NULL);
}

static bool fold(struct treasury *t, struct span json)
{
	struct arena arena = { 0 };
	struct record record;
	bool follows = record_read(json, &arena, &record, &t->bad) && book_apply(t->book, &record, &t->bad);

	if (follows && t->lost && memcmp(record.hash, t->money.hash, sizeof(record.hash)) == 0)
		t->recorded = true;
	else if (follows && t->checked && !t->own)
		t->others_ms = treasury_loop_ms(t);
	if (follows)
		tell_quarantine(t, &record);
	if (follows && t->env.applied != NULL)
		t->env.applied(t->env.ctx, &record);
	arena_release(&arena);
	return follows;
}

/* The canonical bytes end with the record's own hash. */
static bool is_head(const struct treasury *t, struct span json)
{
	char digits[2 * RECORD_HASH_BYTES + 2] = "";
	struct span end;

	hex_put(book_head(t->book), RECORD_HASH_BYTES, digits);
	memcpy(digits + sizeof(digits) - 2, "\"}", 2);
	end = span_from(digits, sizeof(digits));
	return json.len > end.len && span_eq(span_from_offset(json, json.len - end.len), end);
}

/* Whether the record says itself that those behind it are another journal than before. */
static bool says_restored(struct span json)
{
	struct arena arena = { 0 };
	struct record record;
	struct complaint why;
	bool says = record_read(json, &arena, &record, &why) && span_is(record.kind, "book.restored");

	arena_release(&arena);
	return says;
}

/* The store goes on another way than the mirror, and a process wrote that it does: so does the mirror. */
static enum mirror_answer follow_restored(struct treasury *t, uint64_t seq, struct span json)
{
	if (seq <= book_seq(t->book) || !says_restored(json) || !treasury_mirror_synced(t) ||
	    !mirror_put_aside(t->mirror, &t->bad))
		return MIRROR_OTHER;
	log_event(LOG_LEVEL_WARNING, "mirror.put_aside", "record", log_u64(seq), NULL);
	return MIRROR_END;
}

/* False after stop(). */
static bool take(struct treasury *t, uint64_t seq, struct span json)
{
	bool known = seq <= book_seq(t->book);
	enum mirror_answer answer = mirror_next(t->mirror, json, &t->bad);

	if (answer == MIRROR_OTHER)
		answer = follow_restored(t, seq, json);
	if (answer == MIRROR_OTHER)
		return stop(t, seq);
	if (known && (answer == MIRROR_END || (seq == book_seq(t->book) && !is_head(t, json)))) {
		complain(&t->bad, 0, "record %llu is not the one that was there before", (unsigned long long)seq);
		return stop(t, seq);
	}
	if (!known && !fold(t, json))
		return stop(t, seq);
	if (answer == MIRROR_END)
		mirror_add(t->mirror, json);
	if (mirror_waiting(t->mirror) > MIRROR_BATCH)
		treasury_mirror_synced(t);
	return true;
}

void treasury_take_own(struct treasury *t)
{
	t->own = true;
	take(t, t->money.seq, t->money.record);
	t->own = false;
	treasury_mirror_synced(t);
}

/* --- the head -------------------------------------------------------------------------------- */

/*
 * At its start a process that finds more in the mirror than in the store has an
 * older copy before it. It goes on from there, in quarantine, and says so first.
 * A process that has read those records itself stops: it is started anew. An
 * empty store is no copy of anything.
 */
static bool is_older(struct treasury *t)
{
	if ((t->read_once && t->restored_known == 0) || book_seq(t->book) == 0)
		return false;
	t->restored_known = mirror_known(t->mirror);
	log_event(LOG_LEVEL_ERROR, "treasury.restored", "records", log_u64(book_seq(t->book)), "known",
		  log_u64(t->restored_known), NULL);
	return true;
}

/* What was read has to end where the head says. */
static bool head_fits(struct treasury *t, const struct store_head *head)
{
	unsigned long long read = mirror_records(t->mirror), had = book_seq(t->book);

	if (head->seq < read || head->seq < had)
		complain(&t->bad, 0, "the journal ends with record %llu, and there were %llu",
			 (unsigned long long)head->seq, read > had ? read : had);
	else if (head->seq > read)
		complain(&t->bad, 0, "record %llu is missing", read + 1);
	else if (head->count != head->seq)
		complain(&t->bad, 0, "of %llu records %llu are there", (unsigned long long)head->seq,
			 (unsigned long long)head->count);
	else if (memcmp(head->hash, book_head(t->book), sizeof(head->hash)) != 0)
		complain(&t->bad, 0, "record %llu is not the one that the head names", read);
	else
		return mirror_at_end(t->mirror, &t->bad) || is_older(t) || stop(t, read + 1);
	return stop(t, (head->seq < read ? head->seq : read) + 1);
}

static void check_end(struct treasury *t)
{
	t->reading = false;
	t->polled_ms = treasury_loop_ms(t);
	if (t->checked)
		return;
	t->checked = true;
	t->read_once = true;
	log_event(LOG_LEVEL_NOTICE, "treasury.checked", "records", log_u64(t->head_seq), "ms",
		  log_u64(treasury_loop_ms(t) - t->check_ms), NULL);
	if (book_quarantine(t->book)->on)
		log_event(LOG_LEVEL_ERROR, "treasury.quarantine", "id", book_quarantine(t->book)->id, NULL);
}

static void tell_progress(struct treasury *t)
{
	if (t->checked || treasury_loop_ms(t) - t->told_ms < TELL_MS)
		return;
	t->told_ms = treasury_loop_ms(t);
	log_event(LOG_LEVEL_NOTICE, "treasury.checking", "records", log_u64(mirror_records(t->mirror)), "of",
		  log_u64(t->head_seq), NULL);
}

/* --- reading ------------------------------------------------------------------------------------ */

static bool take_all(struct treasury *t, const struct store_reply *reply)
{
	for (size_t i = 0; i < reply->nevents; i++) {
		uint64_t seq = mirror_records(t->mirror) + 1;

		if (reply->events[i].number != seq) {
			complain(&t->bad, 0, "record %llu is missing", (unsigned long long)seq);
			return stop(t, seq);
		}
		if (!take(t, seq, reply->events[i].json))
			return false;
	}
	return true;
}

static void read_failed(struct treasury *t, const struct store_reply *reply)
{
	if (reply->outcome == STORE_BROKEN) {
		t->checked = false;
		log_rarely(LOG_LEVEL_ERROR, "treasury.cannot_read", "the store refuses to read the journal, or it is none");
	}
	treasury_rest(t, REFUSED_REST_MS);
}

static void read_answered(void *ctx, const struct store_reply *reply)
{
	struct treasury *t = ctx;

	if (!treasury_wanted(t))
		return;
	if (reply->outcome != STORE_DONE) {
		read_failed(t, reply);
	} else {
		bool follows;

		treasury_clock(t, reply->now_ms);
		t->head_seq = reply->head.seq;
		follows = take_all(t, reply);
		treasury_mirror_synced(t);
		if (t->working != NULL && t->recorded)
			treasury_finish(t);
		if (follows && (reply->nevents == 0 || mirror_records(t->mirror) >= t->head_seq) &&
		    head_fits(t, &reply->head))
			check_end(t);
		tell_progress(t);
	}
	treasury_pump(t);
}

void treasury_read_on(struct treasury *t)
{
	treasury_ask(t,
		     &(struct store_request){ .op = STORE_MONEY_READ,
					      .from = mirror_records(t->mirror) + 1,
					      .max = READ_RECORDS },
		     read_answered);
}

void treasury_check_begin(struct treasury *t)
{
	t->links = t->env.store->links;
	t->checked = false;
	t->reading = true;
	t->durable = false;
	t->health_ms = 0;
	t->leading = false;
	t->lease_ask_ms = 0;
	t->figures.bad_seq = 0;
	t->check_ms = treasury_loop_ms(t);
	t->told_ms = t->check_ms;
	mirror_rewind(t->mirror);
}

bool treasury_poll_turn(struct treasury *t)
{
	uint64_t now_ms = treasury_loop_ms(t);

	if (now_ms - t->polled_ms < t->env.poll_ms)
		return false;
	if (now_ms - t->looked_ms >= LOOK_MS) {
		t->looked_ms = now_ms;
		if (!mirror_untouched(t->mirror, &t->bad)) {
			stop(t, mirror_records(t->mirror));
			return true;
		}
	}
	t->reading = true;
	treasury_read_on(t);
	return true;
}

/* --- how the store is ----------------------------------------------------------------------------- */

void treasury_clock(struct treasury *t, int64_t now_ms)
{
	t->clock_ms = now_ms;
	t->clock_loop_ms = treasury_loop_ms(t);
}

static void health_answered(void *ctx, const struct store_reply *reply)
{
	struct treasury *t = ctx;

	if (!treasury_wanted(t))
		return;
	if (reply->outcome != STORE_DONE) {
		treasury_rest(t, REFUSED_REST_MS);
	} else {
		if (t->durable && !reply->health.durable)
			log_event(LOG_LEVEL_ERROR, "treasury.store_weak", "why", reply->health.weakness, NULL);
		t->durable = reply->health.durable;
		memcpy(t->weakness, reply->health.weakness, sizeof(t->weakness));
		t->health_ms = treasury_loop_ms(t);
	}
	treasury_pump(t);
}

bool treasury_health_due(const struct treasury *t)
{
	return t->health_ms == 0 || treasury_loop_ms(t) - t->health_ms >= 2 * t->env.poll_ms;
}

void treasury_ask_health(struct treasury *t)
{
	treasury_ask(t, &(struct store_request){ .op = STORE_HEALTH }, health_answered);
}
