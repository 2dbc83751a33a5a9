/*
 * The policy of who cosigns; see log_policy.h.
 */
#include "daemon/sys/log_policy.h"

#include "daemon/sys/files.h"

static bool begins_with(struct span line, struct span word)
{
	line = span_trim(line);
	return line.len > word.len && span_starts(line, word) && (line.at[word.len] == ' ' || line.at[word.len] == '\t');
}

/* The line of the nth row of that word, for a complaint; the file was read before, so it is there. */
static size_t line_of(struct span text, const char *word, size_t n)
{
	struct span rest = text, line;
	size_t number = 1;

	while (span_cut(&rest, '\n', &line) && !(begins_with(line, span_of(word)) && n-- == 0))
		number++;
	return number;
}

static bool is_ours(struct span name, struct span origin)
{
	return name.len > origin.len + 1 && span_starts(name, origin) && name.at[origin.len] == '/' &&
	       memchr(name.at + origin.len + 1, '/', name.len - origin.len - 1) == NULL;
}

static bool check_logs(const struct quorum *quorum, struct span text, struct span origin, const unsigned char *key,
		       struct complaint *why)
{
	for (size_t i = 0; i < quorum->nlogs; i++) {
		struct span name = note_key_name(&quorum->logs[i].key);

		if (!is_ours(name, origin))
			return complain(why, line_of(text, "log", i), "%.80s is no log of this house; they are named %.*s/NAME", name.at,
					(int)origin.len, origin.at);
		if (memcmp(quorum->logs[i].key.public_key, key, NOTE_KEY_BYTES) != 0)
			return complain(why, line_of(text, "log", i), "this is not our key of %.80s; it is served under /log/NAME/key",
					name.at);
	}
	return quorum->nlogs > 0 || complain(why, 0, "no line names a log of this house");
}

static bool is_http(struct span url)
{
	return url.len <= LOG_POLICY_WITNESS_URL_MAX && (span_starts(url, SPAN("http://")) || span_starts(url, SPAN("https://")));
}

static bool check_witnesses(const struct quorum *quorum, struct span text, struct complaint *why)
{
	uint64_t asked = 0;

	for (size_t i = 0; i < quorum->nwitnesses; i++) {
		struct span url = quorum->witnesses[i].url;

		if (url.len > 0 && !is_http(url))
			return complain(why, line_of(text, "witness", i), "a witness is asked at an http or https URL");
		if (url.len > 0)
			asked |= UINT64_C(1) << i;
	}
	return quorum_met(quorum, asked) ||
	       complain(why, 0, "the quorum cannot be met by the witnesses that have a URL");
}

const struct quorum *log_policy_parse(struct span text, struct span origin, const unsigned char key[NOTE_KEY_BYTES],
				      struct arena *arena, struct complaint *why)
{
	const struct quorum *quorum = quorum_parse(text, arena, why);

	if (quorum == NULL || (key != NULL && !check_logs(quorum, text, origin, key, why)) || !check_witnesses(quorum, text, why))
		return NULL;
	return quorum;
}

const struct quorum *log_policy_read(const char *file, struct span origin, const struct keys *keys, struct arena *arena,
				     struct complaint *why)
{
	struct note_signer signer = { .key = { .name_len = 0 } };
	const struct quorum *quorum = NULL;
	struct buf text = { 0 };

	*why = (struct complaint){ .line = 0 };
	if (keys != NULL)
		keys_log_signer(keys, origin, &signer);
	if (files_read(file, QUORUM_BYTES_MAX, &text, why))
		quorum = log_policy_parse(buf_span(&text), origin, keys != NULL ? signer.key.public_key : NULL, arena, why);
	note_signer_release(&signer);
	buf_release(&text);
	return quorum;
}
