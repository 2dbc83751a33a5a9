/*
 * The figures in public: what the files of two months say is on the page, in the
 * JSON and in the CSV, no other number; what is not opened is not shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/log/published.h"
#include "tests/support/app_rig.h"
#include "tests/support/log_sample.h"

static struct app_rig rig;
static struct arena arena;
static struct log_sample sample;
static struct log_health health;

#define HEAD "tipline-figures/v1\ntips.example/15\n"
#define OCTOBER HEAD "2026-10\nclosed 0 0 0\ndummies 5 0 0\naccepted - 150602 7 - - -\n"
#define NOVEMBER HEAD "2026-11\nclosed 6 7 8\ndummies 9 10 11\n" \
	"accepted - 150000 6 - - -\naccepted - 150600 8 - - -\naccepted - 150602 1234 - - -\naccepted - 150621 40 - - -\n" \
	"attempt.observe succeeded 150600 7 595000005 - -\n" \
	"closed - - 5 - - -\nclosed verified 150600 120 - - -\nfirst_look - 150602 40 - 7 1009\nnote - - 12 - - -\n"

static bool tell_health(void *ctx, struct span log, struct log_health *out)
{
	(void)ctx;
	*out = health;
	return span_is(log, "15");
}

static void put(const char *name, const char *text)
{
	struct complaint why;

	assert_true(tiles_put_file(sample.tiles, name, span_of(text), &why));
}

static int begin(void **state)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 9 };
	struct note_signer money;
	char dir[128];

	(void)state;
	app_rig_open(&rig, NULL);
	snprintf(dir, sizeof(dir), "%s/log", rig.home);
	rig.app.logs = logs_new(&(struct logs_plan){ .dir = dir, .health = tell_health });
	snprintf(dir, sizeof(dir), "%s/log/15", rig.home);
	log_sample_open(&sample, dir, "15");
	logs_add(rig.app.logs, SPAN("15"), &sample.signer.key);
	note_signer_make(SPAN("tips.example/money"), NOTE_ED25519, seed, &money);
	logs_add(rig.app.logs, SPAN("money"), &money.key);
	note_signer_release(&money);
	log_sample_dummies(&sample, 1200);
	log_sample_batch(&sample, true);
	health = (struct log_health){ .refusing = false };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	logs_free(rig.app.logs);
	log_sample_close(&sample);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static void open_months(void)
{
	put("openings/2026-10.figures", OCTOBER);
	put("openings/2026-10.note", "signed\n");
	put("openings/2026-11.figures", NOVEMBER);
	put("openings/2026-11.note", "signed\n");
}

static struct rig_answer get(const char *path)
{
	return app_rig_ask(&rig, SITE_PUBLIC, "GET", path, NULL, (struct span){ 0 });
}

static void assert_holds(const char *path, const char *const *parts)
{
	struct rig_answer answer = get(path);

	assert_int_equal(answer.status, 200);
	for (; *parts != NULL; parts++)
		if (!rig_has(answer.body, *parts))
			fail_msg("%s: no %s in\n%.*s", path, *parts, (int)answer.body.len, answer.body.at);
}

#define HOLDS(path, ...) assert_holds(path, (const char *const[]){ __VA_ARGS__, NULL })

static void without_openings_it_says_when(void **state)
{
	(void)state;
	/* The sample is sealed on 21 November: 7 days behind the month. */
	HOLDS("/transparency?lang=en", "No month is opened yet.", "<time datetime=\"2026-12-08\">", "November 2026", "1,200 entries");
	HOLDS("/transparency?lang=zh-CN", "还没有公开任何月份", "2026年11月", "2026年12月8日");
	HOLDS("/api/v1/transparency", "{\"month\":null,\"months\":[],\"next\":{\"month\":\"2026-11\",\"at\":\"2026-12-07T16:00:00Z\"},\"small\":5,\"figures\":[]");
	assert_int_equal(get("/api/v1/transparency?month=2026-11").status, 404);
	assert_int_equal(get("/transparency?month=2026-11").status, 404);
	assert_true(span_is(get("/api/v1/transparency?format=csv").body,
			    "log,month,event,outcome,region,count,amount_fen,median_hours,p90_hours\r\n"));
}

/* The note is written last. */
static void without_its_note_a_month_is_not_opened(void **state)
{
	(void)state;
	put("openings/2026-11.figures", NOVEMBER);
	HOLDS("/api/v1/transparency", "\"month\":null,\"months\":[]");
	HOLDS("/log/15/openings", "{\"log\":\"15\",\"months\":[]}");
}

static void the_rows_are_those_of_the_file(void **state)
{
	(void)state;
	open_months();
	HOLDS("/api/v1/transparency", "{\"month\":\"2026-11\",\"months\":[\"2026-10\",\"2026-11\"],\"next\":{\"month\":",
	      "\"region\":\"150602\",\"name\":\"东胜区\",\"name_en\":\"Dongsheng\",\"rest\":false,\"count\":1234,\"amount_fen\":null",
	      "\"region\":\"150600\",\"name\":\"鄂尔多斯市\",\"name_en\":\"Ordos\",\"rest\":true,\"count\":8,",
	      "\"outcome\":\"succeeded\",\"region\":\"150600\",\"name\":\"鄂尔多斯市\",\"name_en\":\"Ordos\",\"rest\":false,\"count\":7,\"amount_fen\":595000005,",
	      "\"count\":40,\"amount_fen\":null,\"median_hours\":7,\"p90_hours\":1009}",
	      "\"leaves\":[{\"log\":\"15\",\"closed\":{\"received\":6,\"work\":7,\"office\":8},\"dummies\":{\"received\":9,\"work\":10,\"office\":11}}]",
	      "\"size\":1200,\"signed\":true,\"sealed\":\"2026-11-21T00:00:00Z\",\"refusing\":false,\"quorum\":null");
	assert_true(span_is(get("/api/v1/transparency?month=2026-11&log=15&format=csv").body,
			    "log,month,event,outcome,region,count,amount_fen,median_hours,p90_hours\r\n"
			    "15,2026-11,accepted,,150000,6,,,\r\n15,2026-11,accepted,,150600,8,,,\r\n"
			    "15,2026-11,accepted,,150602,1234,,,\r\n15,2026-11,accepted,,150621,40,,,\r\n"
			    "15,2026-11,attempt.observe,succeeded,150600,7,595000005,,\r\n15,2026-11,closed,,,5,,,\r\n"
			    "15,2026-11,closed,verified,150600,120,,,\r\n15,2026-11,first_look,,150602,40,,7,1009\r\n15,2026-11,note,,,12,,,\r\n"));
	HOLDS("/api/v1/transparency?month=2026-10", "\"figures\":[{\"log\":\"15\",\"event\":\"accepted\",\"outcome\":null,\"region\":\"150602\"");
	HOLDS("/log/15/openings", "{\"log\":\"15\",\"months\":[\"2026-10\",\"2026-11\"]}");
}

static void the_page_tells_them_in_words(void **state)
{
	(void)state;
	open_months();
	HOLDS("/transparency?lang=en", "<h2>November 2026</h2>", "<th scope=\"row\">150602 Dongsheng</th><td class=\"n\">1,234</td>",
	      "<th scope=\"row\">150600 Ordos: other counties</th><td class=\"n\">8</td>",
	      "<th scope=\"row\">150000 Inner Mongolia: other places</th><td class=\"n\">6</td>",
	      "<th scope=\"row\">150600 Ordos</th><td>confirmed</td><td class=\"n\">120</td>", "<td>other results together</td><td class=\"n\">5</td>",
	      "<td>paid</td><td class=\"n\">7</td><td class=\"n\">5,950,000.05</td>", "<td class=\"n\">40</td><td class=\"n\">7</td><td class=\"n\">1,009</td>",
	      "<td class=\"mono\">note</td><td class=\"n\">12</td>", "fewer than 5", "21 entries stay closed", "30 were opened as fillers",
	      "signed; no witnesses are asked", "<time datetime=\"2026-11-21T00:00:00Z\">2026-11-21 08:00</time>",
	      "href=\"/transparency?lang=en&amp;month=2026-10\">October 2026</a>", "href=\"/log/15/key\"",
	      "href=\"/transparency?lang=zh-CN&amp;month=2026-11\"", "tipctl log recount DIR --key KEY --print");
	HOLDS("/transparency?lang=zh-CN&log=15", "<h2>2026年11月 · 内蒙古自治区</h2>", "鄂尔多斯市东胜区</th>", "鄂尔多斯市：其他县市区</th>",
	      "内蒙古自治区：其他地方</th>", "/log/15 DIR", "&amp;month=2026-10&amp;log=15\">2026年10月</a>");
	HOLDS("/transparency?lang=en&month=2026-10", "<h2>October 2026</h2>", "150602 Dongsheng</th><td class=\"n\">7</td>");
	assert_true(rig_has(get("/transparency").head, "Content-Security-Policy: default-src 'none'"));
}

static void an_ill_log_is_shown(void **state)
{
	(void)state;
	health = (struct log_health){ .refusing = true };
	HOLDS("/transparency?lang=en", "<li class=\"ill\">", "signing has stopped");
	health = (struct log_health){ .wants_quorum = true, .missing_since_ms = LOG_SAMPLE_START };
	HOLDS("/transparency?lang=en", "too few witnesses since <time datetime=\"2026-11-21T00:00:00Z\">2026-11-21 08:00</time>");
	HOLDS("/api/v1/transparency", "\"quorum\":false,\"quorum_missing_since\":\"2026-11-21T00:00:00Z\"");
	health = (struct log_health){ .wants_quorum = true, .quorum = true };
	HOLDS("/transparency?lang=en", "signed, with enough witnesses");
	put("checkpoint", "tips.example/15\n1200\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— tips.example/15 AAAAAAAA\n");
	HOLDS("/transparency?lang=en", "do not trust it");
	HOLDS("/api/v1/transparency", "\"signed\":false");
}

static void a_replaced_file_is_read_again(void **state)
{
	struct complaint why;

	(void)state;
	open_months();
	HOLDS("/api/v1/transparency?month=2026-10", "\"count\":7,");
	assert_true(tiles_put_file(sample.tiles, "openings/2026-10.figures",
				   SPAN(HEAD "2026-10\nclosed 0 0 0\ndummies 5 0 0\naccepted - 150602 10 - - -\n"), &why));
	HOLDS("/api/v1/transparency?month=2026-10", "\"count\":10,");
}

static void files_of_another_log_or_month_are_not_figures(void **state)
{
	static const char *const wrong[] = {
		"tipline-figures/v1\ntips.example/16\n2026-10\nclosed 0 0 0\ndummies 5 0 0\naccepted - 150602 7 - - -\n",
		HEAD "2026-09\nclosed 0 0 0\ndummies 5 0 0\naccepted - 150602 7 - - -\n",
		HEAD "2026-10\nclosed 0 0 0\ndummies 5 0 0\naccepted - 150602 07 - - -\n", "",
	};

	(void)state;
	put("openings/2026-10.note", "signed\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct complaint why;

		assert_true(tiles_put_file(sample.tiles, "openings/2026-10.figures", span_of(wrong[i]), &why));
		assert_int_equal(get("/api/v1/transparency?month=2026-10").status, 404);
	}
}

static void wrong_questions(void **state)
{
	(void)state;
	open_months();
	assert_int_equal(get("/api/v1/transparency?month=2026-13").status, 400);
	assert_int_equal(get("/api/v1/transparency?month=..").status, 400);
	assert_int_equal(get("/api/v1/transparency?format=xml").status, 400);
	assert_int_equal(get("/api/v1/transparency?log=16").status, 404);
	assert_int_equal(get("/api/v1/transparency?month=2026-09").status, 404);
	assert_int_equal(get("/api/v1/transparency?log=money&month=2026-11").status, 404);
	assert_int_equal(get("/transparency?month=%3Cscript%3E").status, 404);
	assert_int_equal(get("/transparency?log=..").status, 404);
	HOLDS("/transparency?lang=en&log=money&month=2026-11", "Nothing of this log is opened for this month.");
	HOLDS("/transparency?lang=en&from=99999", "150602 Dongsheng");
	HOLDS("/transparency?lang=en&log=money", "Nothing of this log is opened for this month.");
}

/* Many rows go on the next page, and none is lost between. */
static void many_rows_are_turned_over(void **state)
{
	struct buf text = { 0 };

	(void)state;
	buf_add_text(&text, HEAD "2026-11\nclosed 0 0 0\ndummies 0 0 0\n");
	for (unsigned i = 0; i < 250; i++)
		buf_printf(&text, "accepted - %06u %u - - -\n", 150100 + i, 1000000 + i);
	buf_add_byte(&text, '\0');
	put("openings/2026-11.figures", text.at);
	put("openings/2026-11.note", "signed\n");
	for (unsigned i = 0; i < 250; i++) {
		const char *page = arena_printf(&arena, "/transparency?lang=en&from=%u", i / 100 * 100);

		HOLDS(page, arena_printf(&arena, "<td class=\"n\">1,000,%03u</td>", i));
	}
	HOLDS("/transparency?lang=en", "from=100\">More rows");
	HOLDS("/transparency?lang=en&from=100", "from=0\">Rows before", "from=200\">More rows");
	assert_false(rig_has(get("/transparency?lang=en&from=200").body, "More rows"));
	buf_release(&text);
}

static void without_logs_it_says_so(void **state)
{
	struct logs *kept = rig.app.logs;

	(void)state;
	rig.app.logs = NULL;
	HOLDS("/transparency?lang=en", "No public log is served here.");
	HOLDS("/api/v1/transparency", "\"next\":null", "\"logs\":[]");
	rig.app.logs = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_openings_it_says_when, begin, finish),
		cmocka_unit_test_setup_teardown(without_its_note_a_month_is_not_opened, begin, finish),
		cmocka_unit_test_setup_teardown(the_rows_are_those_of_the_file, begin, finish),
		cmocka_unit_test_setup_teardown(the_page_tells_them_in_words, begin, finish),
		cmocka_unit_test_setup_teardown(an_ill_log_is_shown, begin, finish),
		cmocka_unit_test_setup_teardown(a_replaced_file_is_read_again, begin, finish),
		cmocka_unit_test_setup_teardown(files_of_another_log_or_month_are_not_figures, begin, finish),
		cmocka_unit_test_setup_teardown(wrong_questions, begin, finish),
		cmocka_unit_test_setup_teardown(many_rows_are_turned_over, begin, finish),
		cmocka_unit_test_setup_teardown(without_logs_it_says_so, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
