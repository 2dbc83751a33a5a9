/*
 * Whom `tipctl log` believes; see tipctl_log.h.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/sys/files.h"

#include <stdio.h>

static void trim(struct buf *text)
{
	while (text->len > 0 && (text->at[text->len - 1] == '\n' || text->at[text->len - 1] == '\r'))
		text->len--;
}

bool log_key_read(const char *argument, struct note_key *key, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	if (note_key_parse(span_of(argument), key))
		return true;
	well = files_read(argument, NOTE_KEY_TEXT_MAX, &text, why);
	trim(&text);
	well = well && (note_key_parse(buf_span(&text), key) || complain(why, 0, "%.150s holds no key (NAME+ID+BASE64)", argument));
	buf_release(&text);
	return well;
}

static bool read_log_key(struct log_trust *trust, const char *argument, struct complaint *why)
{
	return log_key_read(argument, &trust->key, why) &&
	       (trust->key.kind == NOTE_ED25519 || complain(why, 0, "%.150s is not the key of a log", argument));
}

static bool read_policy(struct log_trust *trust, const char *file, struct complaint *why)
{
	struct buf text = { 0 };
	char told[sizeof(why->text)];

	if (!files_read(file, QUORUM_BYTES_MAX, &text, why))
		return false;
	trust->quorum = quorum_parse(buf_span(&text), &trust->arena, why);
	buf_release(&text);
	if (trust->quorum != NULL)
		return true;
	snprintf(told, sizeof(told), "%s", why->text);
	return complain(why, why->line, "%.100s:%zu: %.120s", file, why->line, told);
}

bool log_trust_load(struct log_trust *trust, const char *key, const char *policy, const char *dir)
{
	struct complaint why = { .text = "neither a key nor a policy is given" };
	char served[PATH_MAX];
	bool well = key != NULL || policy != NULL || dir != NULL;

	*trust = (struct log_trust){ .quorum = NULL };
	if (policy != NULL)
		well = read_policy(trust, policy, &why);
	if (well && key != NULL)
		well = read_log_key(trust, key, &why);
	else if (well && policy == NULL) {
		snprintf(served, sizeof(served), "%s/key", dir);
		well = read_log_key(trust, served, &why);
	}
	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	return well;
}

void log_trust_release(struct log_trust *trust)
{
	arena_release(&trust->arena);
}

/* --- judging ------------------------------------------------------------------------------------ */

static bool judge_key(const struct log_trust *trust, struct span bytes, struct checkpoint *out, struct complaint *why)
{
	struct note note;

	if (!note_parse(bytes, &note) || !checkpoint_parse(note.text, out))
		return complain(why, 0, "not a signed checkpoint");
	if (!span_eq(out->origin, note_key_name(&trust->key)))
		return complain(why, 0, "signature: this is the checkpoint of %.*s, and the key is that of %.*s", (int)out->origin.len,
				out->origin.at, (int)trust->key.name_len, trust->key.name);
	switch (note_check(&note, &trust->key, NULL)) {
	case NOTE_SIGNED:
		return true;
	case NOTE_ABSENT:
		return complain(why, 0, "signature: the log's key has not signed");
	case NOTE_FORGED:
		break;
	}
	return complain(why, 0, "signature: the log's does not hold");
}

static bool judge_quorum(struct log_trust *trust, struct span bytes, bool old, struct checkpoint *out, struct complaint *why)
{
	struct quorum_finding finding;

	quorum_judge(trust->quorum, bytes, &finding);
	*out = finding.checkpoint;
	switch (finding.verdict) {
	case QUORUM_MISSING:
		if (!old)
			return complain(why, 0, "too few witnesses have cosigned: %d, and the policy asks for more",
					__builtin_popcountll(finding.cosigned));
		__attribute__((fallthrough));
	case QUORUM_MET:
		trust->key = trust->quorum->logs[finding.log].key;
		return true;
	case QUORUM_NO_LOG:
		return complain(why, 0, "signature: no log of the policy has signed");
	case QUORUM_FORGED:
		return complain(why, 0, "signature: one by a key of the policy does not hold");
	case QUORUM_MALFORMED:
		break;
	}
	return complain(why, 0, "not a signed checkpoint");
}

bool log_trust_judge(struct log_trust *trust, struct span bytes, bool old, struct checkpoint *out, struct complaint *why)
{
	/* Once its key is known, older ones and a key given by name are held against it. */
	if (trust->quorum != NULL && !judge_quorum(trust, bytes, old, out, why))
		return false;
	return judge_key(trust, bytes, out, why);
}

bool log_trust_newest(struct log_trust *trust, const char *dir, struct buf *note, struct checkpoint *out)
{
	struct complaint why = { .text = "" };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	if (!files_read(path, NOTE_BYTES_MAX, note, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return false;
	}
	if (log_trust_judge(trust, buf_span(note), false, out, &why))
		return true;
	printf("checkpoint: %s\n", why.text);
	return false;
}
