/*
 * What sealing, receipts and promises cost, in microseconds of one core: the
 * median of the rounds, each of which does the work many times.
 *
 * usage: seal_bench
 */
#include "daemon/core/tip/promise.h"
#include "daemon/core/tip/cover.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 21
#define TIMES 2000
#define BATCH 64

/* A hundred Chinese characters. */
#define TEN "今天下午在汽车站看见"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const unsigned char receipt_secret[RECEIPT_KEY_BYTES] = "bench receipt key";
static unsigned char identity_public[32], signing_public[32], signing_secret[64];
static struct seal_key tip_key = { "bench tip key" }, receipt_key;
static struct data_key data_key;
static struct identity_box box;
static struct receipt_code code;
static struct receipt_trace trace;
static struct buf out, covered, uncovered;
static const struct seal_key week_key = { "the week's" };
static struct arena arena;
static struct promise_leaf leaves[BATCH];
static struct promise_batch batch;
static const struct tip_content content = {
	.text = { .at = HUNDRED, .len = sizeof(HUNDRED) - 1 },
	.place = { .at = "某市某县汽车站", .len = sizeof("某市某县汽车站") - 1 },
	.category = { .at = "trafficking", .len = sizeof("trafficking") - 1 },
	.lang = { .at = "zh-CN", .len = sizeof("zh-CN") - 1 },
};

static void run_receipt(void)
{
	unsigned char random[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

	random[0] = (unsigned char)trace.mark[0];
	receipt_make("15", random, &code);
	receipt_trace(receipt_secret, &code, &trace);
	seal_key_from_receipt(&code, &receipt_key);
}

static void run_tip(void)
{
	buf_clear(&out);
	tip_key.bytes[31]++;
	seal_tip(&trace.id, &content, &tip_key, &data_key, &receipt_key, &out);
}

static void run_cover(void)
{
	buf_clear(&covered);
	cover_seal(&trace.id, COVER_CONTENT, 2967, &week_key, buf_span(&out), &covered);
}

static void run_uncover(void)
{
	buf_clear(&uncovered);
	if (!cover_open(&trace.id, COVER_CONTENT, &week_key, buf_span(&covered), &uncovered))
		abort();
}

static void run_commitment(void)
{
	unsigned char commitment[SEAL_COMMITMENT_BYTES];

	if (!seal_commitment(&tip_key, buf_span(&out), commitment))
		abort();
}

static void run_open(void)
{
	struct tip_content read;

	if (!seal_tip_key_by_bureau(&trace.id, buf_span(&out), &data_key, &tip_key) ||
	    !seal_open_tip(&trace.id, buf_span(&out), &tip_key, &arena, &read))
		abort();
	arena_release(&arena);
}

static void run_identity(void)
{
	buf_clear(&out);
	seal_identity(&trace.id, &box, SPAN("微信 abc123456"), SPAN("+8613800138000"), &out);
}

static void run_identity_box(void)
{
	seal_identity_box(identity_public, tip_key.bytes, &box);
}

static void run_hidden(void)
{
	if (receipt_hidden_in(content.text))
		abort();
}

static void run_batch(void)
{
	char text[PROMISE_TEXT_MAX];
	struct span bytes;

	arena_release(&arena);
	promise_batch_make(leaves, BATCH, &arena, &batch);
	bytes = promise_batch_text(&batch, text);
	crypto_sign_detached(batch.signature, NULL, (const unsigned char *)bytes.at, bytes.len,
			     signing_secret);
}

static void run_promise(void)
{
	buf_clear(&out);
	promise_write(&batch, 17, &out);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static void measure(const char *name, void (*run)(void), unsigned times)
{
	double us[ROUNDS];

	for (unsigned r = 0; r < ROUNDS; r++) {
		double from = now_us();

		for (unsigned i = 0; i < times; i++)
			run();
		us[r] = (now_us() - from) / times;
	}
	qsort(us, ROUNDS, sizeof(us[0]), ascending);
	printf("%-44s %9.2f us  (best %.2f)\n", name, us[ROUNDS / 2], us[0]);
}

int main(void)
{
	unsigned char identity_secret[32];

	if (sodium_init() < 0)
		return 1;
	crypto_box_keypair(identity_public, identity_secret);
	crypto_sign_keypair(signing_public, signing_secret);
	seal_data_key_make(identity_secret, &data_key);
	seal_identity_box(identity_public, identity_secret, &box);
	measure("receipt make, trace, box key", run_receipt, TIMES);
	measure("seal_tip, 100 Chinese characters", run_tip, TIMES);
	printf("%-44s %9zu bytes\n", "  its sealed form", out.len);
	measure("seal_commitment", run_commitment, TIMES);
	measure("cover_seal, the week's cover", run_cover, TIMES);
	measure("cover_open", run_uncover, TIMES);
	measure("unwrap and open a tip", run_open, TIMES);
	measure("seal_identity", run_identity, TIMES);
	printf("%-44s %9zu bytes\n", "  its sealed form", out.len);
	measure("seal_identity_box (once in ten minutes)", run_identity_box, 20);
	measure("receipt_hidden_in, 100 Chinese characters", run_hidden, TIMES);
	measure("promise: tree of 64 and signature", run_batch, 20);
	measure("promise: one tip's JSON", run_promise, TIMES);
	printf("%-44s %9zu bytes\n", "  its length", out.len);
	buf_release(&out);
	buf_release(&covered);
	buf_release(&uncovered);
	arena_release(&arena);
	return 0;
}
