/*
 * Rig for tests about the receipt; see receipt_rig.h.
 */
#include "tests/support/receipt_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "receipt_rig: %s\n", what);
	abort();
}

void receipt_rig_open(struct receipt_rig *r, const char *const *sets)
{
	*r = (struct receipt_rig){ .code = NULL };
	app_rig_open(&r->rig, sets);
	receipt_rig_tip(r, "鄂尔多斯市东胜区的砖厂关着人不让走");
}

void receipt_rig_close(struct receipt_rig *r)
{
	app_rig_close(&r->rig);
	buf_release(&r->body);
	arena_release(&r->arena);
}

/* --- calls ------------------------------------------------------------------------------- */

struct rig_answer receipt_rig_post(struct receipt_rig *r, const char *path, const char *fields, struct span body)
{
	return app_rig_ask(&r->rig, SITE_PUBLIC, "POST", path, fields, body);
}

void receipt_rig_tip(struct receipt_rig *r, const char *words)
{
	struct rig_answer answer = receipt_rig_post(r, "/api/v1/tips", RECEIPT_JSON, span_of(arena_printf(&r->arena, "{\"text\":\"%s\"}", words)));
	struct span code = rig_member(answer.body, "receipt"), id;

	if (answer.status != 201 || code.len != 24)
		give_up("a tip was not taken");
	r->code = arena_printf(&r->arena, "%.24s", code.at);
	answer = receipt_rig_look(r, "");
	id = rig_member(answer.body, "id");
	if (answer.status != 200 || id.len != TIP_ID_LEN)
		give_up("a receipt shows no tip");
	memcpy(r->id.text, id.at, TIP_ID_LEN);
}

struct rig_answer receipt_rig_look(struct receipt_rig *r, const char *more)
{
	return receipt_rig_post(r, "/api/v1/receipt", RECEIPT_JSON, span_of(arena_printf(&r->arena, "{\"receipt\":\"%s\"%s}", r->code, more)));
}

void receipt_rig_part(struct receipt_rig *r, const char *head, struct span value)
{
	buf_printf(&r->body, "--cut\r\nContent-Disposition: form-data; %s\r\n\r\n", head);
	buf_add_span(&r->body, value);
	buf_add_text(&r->body, "\r\n");
}

struct rig_answer receipt_rig_send(struct receipt_rig *r, const char *path, const char *fields)
{
	struct rig_answer answer;

	buf_add_text(&r->body, "--cut--\r\n");
	answer = receipt_rig_post(r, path, arena_printf(&r->arena, RECEIPT_MULTIPART "%s", fields), buf_span(&r->body));
	buf_clear(&r->body);
	return answer;
}

/* --- what lies there ------------------------------------------------------------------------- */

static size_t files_under(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char child[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		n += entry->d_type == DT_DIR ? files_under(child) : 1;
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

size_t receipt_rig_files(struct receipt_rig *r)
{
	return files_under(r->rig.files_dir);
}
