/*
 * What each witness has cosigned, on disk; see witnesses_inside.h.
 *
 *   tipline-witnesses/v1
 *   KEY SIZE TIME
 *
 * Losing it does no harm: a witness that is asked from the wrong size names the right one.
 */
#include "daemon/jobs/witnesses_inside.h"

#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/line.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define FIRST_LINE "tipline-witnesses/v1"
#define FILE_MAX_BYTES 65536

static void path_of(const struct witnesses *w, const struct witness_log *log, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s/witnesses", w->env.dir, log->name);
}

static void take(const struct note_key *key, uint64_t size, uint64_t time_s, const struct quorum *policy, struct witness_peer *peers)
{
	for (size_t i = 0; policy != NULL && i < policy->nwitnesses; i++)
		if (memcmp(policy->witnesses[i].key.public_key, key->public_key, NOTE_KEY_BYTES) == 0) {
			peers[i].old = size;
			peers[i].cosigned = size;
			peers[i].time_s = time_s;
		}
}

bool witnesses_read(struct span text, const struct quorum *policy, struct witness_peer *peers)
{
	struct span rest = text, line, part;

	if (!line_next(&rest, &line) || !span_is(line, FIRST_LINE))
		return false;
	while (line_next(&rest, &line)) {
		uint64_t size, time_s;
		struct note_key key;

		if (!span_cut(&line, ' ', &part) || !note_key_parse(part, &key) || !span_cut(&line, ' ', &part) ||
		    !line_number(part, &size) || !line_number(line, &time_s))
			return false;
		take(&key, size, time_s, policy, peers);
	}
	return rest.len == 0;
}

void witnesses_load(struct witnesses *w, struct witness_log *log)
{
	struct complaint why = { .text = "not a file of ours" };
	struct buf text = { 0 };
	char path[PATH_MAX];

	log->kept_old = false;
	path_of(w, log, path);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return;
	if (!files_read(path, FILE_MAX_BYTES, &text, &why) || !witnesses_read(buf_span(&text), w->policy, log->peers))
		log_event(LOG_LEVEL_WARNING, "log.witnesses_unread", "log", log->name, "why", why.text, NULL);
	buf_release(&text);
}

void witnesses_keep(struct witnesses *w, struct witness_log *log)
{
	struct complaint why = { .text = "" };
	struct buf text = { 0 };
	char path[PATH_MAX], key[NOTE_KEY_TEXT_MAX];

	if (!log->kept_old || w->policy == NULL)
		return;
	buf_add_text(&text, FIRST_LINE "\n");
	for (size_t i = 0; i < w->policy->nwitnesses; i++) {
		buf_add_span(&text, note_key_write(&w->policy->witnesses[i].key, key));
		buf_printf(&text, " %llu %llu\n", (unsigned long long)log->peers[i].old, (unsigned long long)log->peers[i].time_s);
	}
	path_of(w, log, path);
	if (files_replace(path, buf_span(&text), 0600, &why))
		log->kept_old = false;
	else
		log_rarely(LOG_LEVEL_WARNING, "log.witnesses_unkept", why.text);
	buf_release(&text);
}
