/*
 * Which texts are about a receipt code, and that no tip is taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "handlers/intake/sms_claim.h"

static struct arena arena;
static struct receipt_code code;
static char shown[30];

static int set_up(void **state)
{
	static const unsigned char random[16] = { 9, 8, 7, 6, 5 };

	(void)state;
	receipt_make("15", random, &code);
	receipt_show(&code, shown);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct sms_claim read(const char *before, const char *digits, const char *behind)
{
	struct sms_claim claim;

	sms_claim_read(span_of(arena_printf(&arena, "%s%s%s", before, digits, behind)), &arena, &claim);
	return claim;
}

static const char *written(const char *gap, bool wide)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < RECEIPT_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			buf_add_text(&text, gap);
		if (wide)
			buf_printf(&text, "\xef\xbc%c", 0x90 + (code.digits[i] - '0'));
		else
			buf_add_byte(&text, code.digits[i]);
	}
	const char *out = arena_dup(&arena, buf_span(&text)).at;

	buf_release(&text);
	return out;
}

static void a_code_and_a_word(void **state)
{
	static const struct {
		const char *before, *behind;
		enum sms_claim_kind kind;
	} rows[] = {
		{ "领取 ", "", SMS_CLAIM_WANTS },	   { "", " 领奖", SMS_CLAIM_WANTS },
		{ "CLAIM ", "", SMS_CLAIM_WANTS },	   { "ｃｌａｉｍ", "", SMS_CLAIM_WANTS },
		{ "查询", "", SMS_CLAIM_ASKS },		   { "Status: ", ".", SMS_CLAIM_ASKS },
		{ "", "", SMS_CLAIM_ASKS },		   { "领取 柜台 ", " 谢谢!", SMS_CLAIM_WANTS },
		{ "7K3MQ2X9R4 ", " claim", SMS_CLAIM_WANTS }, { "您好，我要领款，号码", "。", SMS_CLAIM_WANTS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sms_claim claim = read(rows[i].before, shown, rows[i].behind);

		assert_int_equal(claim.kind, rows[i].kind);
		assert_true(claim.readable);
		assert_string_equal(claim.code.digits, code.digits);
	}
}

static void however_the_digits_are_written(void **state)
{
	static const char *const gaps[] = { "", " ", "-", " - ", "　", "–", "\n", " " };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(gaps); i++)
		for (int wide = 0; wide < 2; wide++) {
			struct sms_claim claim = read("领取", written(gaps[i], wide), "");

			assert_int_equal(claim.kind, SMS_CLAIM_WANTS);
			assert_string_equal(claim.code.digits, code.digits);
			assert_int_equal(claim.tip.len, 0);
		}
}

static void a_slip_of_the_pen_is_as_secret(void **state)
{
	char wrong[30];

	(void)state;
	memcpy(wrong, shown, sizeof(wrong));
	wrong[7] = wrong[7] == '9' ? '8' : (char)(wrong[7] + 1);
	assert_int_equal(read("领取 ", wrong, "").kind, SMS_CLAIM_WANTS);
	assert_false(read("领取 ", wrong, "").readable);
	assert_int_equal(read("领取 ", shown + 1, "").kind, SMS_CLAIM_WANTS);
	assert_int_equal(read("领取 ", shown, "7").kind, SMS_CLAIM_WANTS);
	/* Without a word, or with a story around it, it is somebody's number. */
	assert_int_equal(read("", wrong, "").kind, SMS_CLAIM_NOT);
	assert_int_equal(read("他让我领取补贴，打钱到这个账户", wrong, "").kind, SMS_CLAIM_NOT);
}

static void other_texts_are_tips(void **state)
{
	static const char *const texts[] = {
		"", "领取", "查询", "claim", "status 12345", "领取 13800138000 13900139000",
		"他在银行领取了很多现金，卡号 6222021234567890123", "150602199001011234 领取", "000000000000000000000000000000 领取",
	};
	struct sms_claim claim;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_int_equal(read(texts[i], "", "").kind, SMS_CLAIM_NOT);
	claim = read("昨天看到他把一张写着 ", shown, " 的纸条给了司机");
	assert_int_equal(claim.kind, SMS_CLAIM_NOT);
	assert_int_equal(claim.code.digits[0], '\0');
	/* Officers read it: what it tells is there, and nothing that money is paid for. */
	assert_true(span_find(claim.tip, SPAN("的纸条给了司机")) < claim.tip.len);
	assert_int_equal(span_find(claim.tip, span_of(shown)), claim.tip.len);
	assert_false(receipt_hidden_in(claim.tip));
	/* Other numbers stay, however long they are together. */
	claim = read("号码 ", shown, " 他的电话 13800138000 13900139000 13700137000");
	assert_int_equal(claim.kind, SMS_CLAIM_NOT);
	assert_true(span_find(claim.tip, SPAN("13800138000 13900139000 13700137000")) < claim.tip.len);
	assert_false(receipt_hidden_in(claim.tip));
	assert_int_equal(read("disclaimer ", shown, " reclaimed").kind, SMS_CLAIM_NOT);
}

/* Nothing that somebody tells beside it gets lost, and the code does not come along. */
static void a_claim_with_a_clue_is_both(void **state)
{
	struct sms_claim claim = read("领取 ", shown, " 另外那个男人昨晚又回到了东胜区三号楼");

	(void)state;
	assert_int_equal(claim.kind, SMS_CLAIM_WANTS);
	assert_true(span_find(claim.tip, SPAN("东胜区三号楼")) < claim.tip.len);
	assert_true(span_find(claim.tip, SPAN("×××× ××××")) < claim.tip.len);
	assert_false(receipt_hidden_in(claim.tip));
	for (size_t i = 0; i < claim.tip.len; i++)
		assert_false(claim.tip.at[i] >= '0' && claim.tip.at[i] <= '9');
	/* Twice, once within a longer number, and a telephone number that is no secret. */
	claim = read("领取 ", shown, arena_printf(&arena, " 那个男人的电话是 13800138000 号码是9%s5", code.digits));
	assert_true(span_find(claim.tip, SPAN("13800138000")) < claim.tip.len);
	assert_int_equal(span_find(claim.tip, span_of(code.digits)), claim.tip.len);
}

static void what_is_no_utf8_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(read("\xff\xfe\xe9 ", shown, "\xe9").kind, SMS_CLAIM_ASKS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_and_a_word),
		TEST(however_the_digits_are_written),
		TEST(a_slip_of_the_pen_is_as_secret),
		TEST(other_texts_are_tips),
		TEST(a_claim_with_a_clue_is_both),
		TEST(what_is_no_utf8_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
