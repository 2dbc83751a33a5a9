/*
 * tipctl export --evidence and --check: makes a pack that others can check, and
 * checks one. See tipctl_evidence.h.
 */
#include "daemon/cli/tipctl_evidence.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_log.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: tipctl export --evidence OUT --store ADDRESS --log DIR --keys DIR\n"
	"                     --tip ID | --reward ID | --month YYYY-MM --region CODE\n"
	"                     [--archive DIR] [--sign-key FILE] [--policy FILE] [--at MS]\n"
	"       tipctl export --check PACK [--key KEY]\n"
	"\n"
	"Makes a pack of evidence (a directory, or one file OUT.tar): the events concerned, their\n"
	"leaves in the sealed log with inclusion proofs under one checkpoint, and README.txt, which\n"
	"tells how others check it. No text of a tip and nobody's name or number is in it. The same\n"
	"store, files and time give the same bytes.\n"
	"\n"
	"  --log DIR        files of the sealed log (STATE/log)\n"
	"  --keys DIR       the keys: which leaf is whose follows from them; they do not go into the pack\n"
	"  --archive DIR    files of the journals, for what the store has let go of; else as configured\n"
	"  --sign-key FILE  signs the manifest with this key (a private key of signed notes); else log.key\n"
	"  --policy FILE    the witnesses' policy goes into the pack\n"
	"  --at MS          when it was made, in Unix milliseconds; else now\n"
	"\n"
	"  --check PACK     verifies manifest, signature, proofs and openings of a pack; names the first\n"
	"                   file that does not fit\n"
	"  --key KEY        who has to have signed it: a key text or a file with one; else signer.key in it\n"
	"\n"
	"Exit status: 0 well, 1 something does not fit, 2 wrong use.\n";

const char evidence_readme[] =
	"EVIDENCE FROM A TIP LINE\n"
	"\n"
	"This pack shows what a tip line recorded about one matter, and proves that the records\n"
	"stand in its public, signed log. It holds no text of a tip and nobody's name or number.\n"
	"\n"
	"What is in it\n"
	"\n"
	"  manifest.json, manifest.sig, signer.key   every file with its SHA-256, signed\n"
	"  LOG/events.jsonl    the entries of the journal of that log, as they were written\n"
	"  LOG/leaves.jsonl    for each entry its leaf in the log, and what opens the leaf\n"
	"  LOG/proofs/         for each leaf a proof that it stands in the log (C2SP tlog-proof)\n"
	"  LOG/checkpoint, LOG/key    the signed state of the log, and the key that signed it\n"
	"  LOG/batches.jsonl   when these leaves were added\n"
	"  money/chain.jsonl   the hashes that link the records about money\n"
	"\n"
	"How to check it\n"
	"\n"
	"1. All at once:             tipctl export --check PACK --key KEY\n"
	"   KEY is the signer's key as you know it from elsewhere, not the one in the pack.\n"
	"2. One proof:               tipctl log check LOG/proofs/INDEX.tlog-proof --key LOG/key\n"
	"   The key of the log is published at /log/LOG/key and by its witnesses; compare it.\n"
	"3. Without our programs:    sha256sum each file and compare with manifest.json. Proofs and\n"
	"   checkpoints are in the formats tlog-proof, tlog-checkpoint and signed-note of C2SP;\n"
	"   any program for those (Go: golang.org/x/mod/sumdb/tlog and note) verifies them.\n"
	"4. That the log was not replaced: compare LOG/checkpoint with one that you or a witness\n"
	"   kept; a larger log must be consistent with it (tipctl log verify).\n";

struct evidence_args {
	struct ctl_args common;
	const char *out, *check, *store, *log, *keys, *tip, *reward, *month, *region, *sign_key, *policy, *key,
		*archive;
	uint64_t at;
};

static void take(struct evidence_args *args, int option)
{
	const char **const texts[] = { &args->out,   &args->check,  &args->store,    &args->log,    &args->keys, &args->tip,
				       &args->reward, &args->month, &args->region, &args->sign_key, &args->policy, &args->key,
				       &args->archive };

	if (option >= 1 && option <= (int)(sizeof(texts) / sizeof(texts[0])))
		*texts[option - 1] = optarg;
	else if (option == 'a')
		args->common.wrong |= !span_u64(span_of(optarg), &args->at) || args->at > INT64_MAX / 2;
	else
		ctl_option(&args->common, option);
}

/* One matter, and the month as "2026-11". */
static bool is_one_matter(const struct evidence_args *args)
{
	struct span month = span_of(args->month), region = span_of(args->region);
	struct tip_id id;

	if ((args->tip != NULL) + (args->reward != NULL) + (args->month != NULL) != 1 || (args->month != NULL) != (args->region != NULL))
		return false;
	if (args->tip != NULL)
		return tip_id_parse(span_of(args->tip), &id);
	if (args->month == NULL)
		return args->reward[0] != '\0';
	return month.len == 7 && month.at[4] == '-' && region.len == 6 && span_digits(region);
}

static void parse(struct evidence_args *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "evidence", required_argument, NULL, 1 }, { "check", required_argument, NULL, 2 },
		{ "store", required_argument, NULL, 3 },    { "log", required_argument, NULL, 4 },
		{ "keys", required_argument, NULL, 5 },	    { "tip", required_argument, NULL, 6 },
		{ "reward", required_argument, NULL, 7 },   { "month", required_argument, NULL, 8 },
		{ "region", required_argument, NULL, 9 },   { "sign-key", required_argument, NULL, 10 },
		{ "policy", required_argument, NULL, 11 },  { "key", required_argument, NULL, 12 },
		{ "archive", required_argument, NULL, 13 }, { "at", required_argument, NULL, 'a' },
		CTL_OPTIONS,
		{ 0 },
	};
	int option;

	*args = (struct evidence_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
	args->common.wrong = args->common.wrong || optind < argc;
	if (args->check != NULL || args->common.wrong)
		return;
	args->common.wrong = args->out == NULL || args->log == NULL || args->keys == NULL || !is_one_matter(args);
}

/* --- the manifest ----------------------------------------------------------------------------------- */

static void put_row(struct json_out *json, const struct pack_file *file)
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	char digits[2 * sizeof(sum)];

	crypto_hash_sha256(sum, (const unsigned char *)file->bytes.at, file->bytes.len);
	hex_put(sum, sizeof(sum), digits);
	json_open(json, '{');
	json_text(json, "name", span_of(file->name));
	json_u64(json, "size", file->bytes.len);
	json_text(json, "sha256", span_from(digits, sizeof(digits)));
	json_close(json, '}');
}

static void put_about(struct json_out *json, const struct evidence_about *about)
{
	const struct {
		const char *name;
		struct span value;
	} rows[] = { { "tip", about->tip }, { "reward", about->reward }, { "month", about->month }, { "region", about->region } };

	json_open_member(json, "about", '{');
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value.len > 0)
			json_text(json, rows[i].name, rows[i].value);
	json_close(json, '}');
}

void evidence_put_manifest(struct evidence *evidence, const struct note_signer *signer)
{
	char key[NOTE_KEY_TEXT_MAX];
	struct buf manifest = { 0 }, text = { 0 };
	struct json_out json = json_out_to(&manifest);
	struct buf *signature;

	buf_add_span(pack_file(&evidence->pack, "signer.key"), note_key_write(&signer->key, key));
	buf_add_text(pack_file(&evidence->pack, "signer.key"), "\n");
	buf_add_text(pack_file(&evidence->pack, "README.txt"), evidence_readme);
	pack_sort(&evidence->pack);
	json_open(&json, '{');
	json_text(&json, "format", SPAN(EVIDENCE_FORMAT));
	json_text(&json, "made_by", SPAN("tipctl " TIPLINE_VERSION));
	json_i64(&json, "made_at", evidence->made_ms);
	put_about(&json, &evidence->about);
	json_open_member(&json, "files", '[');
	for (size_t i = 0; i < evidence->pack.n; i++)
		put_row(&json, &evidence->pack.files[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	buf_add_text(&manifest, "\n");
	evidence_signed_text(buf_span(&manifest), &text);
	buf_add_span(pack_file(&evidence->pack, "manifest.json"), buf_span(&manifest));
	signature = pack_file(&evidence->pack, "manifest.sig");
	buf_add_span(signature, buf_span(&text));
	buf_add_text(signature, "\n");
	note_sign(signer, buf_span(&text), 0, signature);
	pack_sort(&evidence->pack);
	buf_release(&manifest);
	buf_release(&text);
}

/* --- making one ---------------------------------------------------------------------------------------- */

static bool read_signer(const char *path, struct note_signer *signer, struct complaint *why)
{
	struct buf text = { 0 };
	struct span rest, line;
	bool well = files_private(path, why) && files_read(path, NOTE_KEY_TEXT_MAX, &text, why);

	rest = buf_span(&text);
	if (well && (!span_cut(&rest, '\n', &line) || !note_signer_parse(line, signer)))
		well = complain(why, 0, "%.180s: a private key of signed notes is expected", path);
	if (text.at != NULL)
		wipe(text.at, text.len);
	buf_release(&text);
	return well;
}

/* The log's key under a name of its own, so that what it signs here is no checkpoint of any log. */
static bool find_signer(const struct evidence *evidence, const char *path, struct note_signer *signer, struct complaint *why)
{
	char name[sizeof(evidence->origin) + 16];

	if (path != NULL)
		return read_signer(path, signer, why);
	snprintf(name, sizeof(name), "%s/evidence", evidence->origin);
	if (!note_name_valid(span_of(name)))
		return complain(why, 0, "the log's origin is no name");
	keys_log_signer(evidence->verify->keys, span_of(name), signer);
	return true;
}

static bool put_logs(struct evidence *evidence, struct complaint *why)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(evidence->logs) / sizeof(evidence->logs[0]); i++) {
		n += evidence->logs[i].n;
		if (evidence->logs[i].n > 0 && !evidence_put_log(evidence, &evidence->logs[i], why))
			return false;
	}
	return n > 0 || complain(why, 0, "no journal has an entry about that");
}

static bool make_pack(struct evidence *evidence, const struct evidence_args *args, struct complaint *why)
{
	struct note_signer signer = { .key = { .name_len = 0 } };
	bool well = evidence_gather(evidence, why) && put_logs(evidence, why) &&
		    (args->policy == NULL || files_read(args->policy, NOTE_BYTES_MAX, pack_file(&evidence->pack, "policy"), why)) &&
		    find_signer(evidence, args->sign_key, &signer, why);

	if (well) {
		evidence_put_manifest(evidence, &signer);
		well = pack_write(&evidence->pack, args->out, why);
	}
	note_signer_release(&signer);
	return well;
}

/* What is read past the daemon is told first. */
static bool is_told(const struct evidence_args *args, const char *address, struct complaint *why)
{
	char query[160];

	snprintf(query, sizeof(query), "format=evidence id=%s",
		 args->tip != NULL ? args->tip : args->reward != NULL ? args->reward : args->region);
	return ctl_trail(address, "export", span_of(query), why);
}

static void release(struct evidence *evidence)
{
	for (size_t i = 0; i < sizeof(evidence->logs) / sizeof(evidence->logs[0]); i++)
		free(evidence->logs[i].at);
	pack_release(&evidence->pack);
	arena_release(&evidence->arena);
}

static int make(const struct evidence_args *args, const char *address, const struct archive *archive)
{
	static struct evidence evidence;
	struct complaint why = { .text = "" };
	struct keys *keys = keys_open(args->keys, false, &why);
	struct verify verify = { .address = address, .keys = keys, .replay = { .archive = archive } };
	bool well;

	if (keys != NULL && is_told(args, address, &why))
		verify.store = pipe_open(address, &why);

	evidence = (struct evidence){ .verify = &verify, .log_dir = args->log,
				      .made_ms = args->at > 0 ? (int64_t)args->at : clock_wall_ms() };
	evidence.about = (struct evidence_about){ .tip = span_of(args->tip), .reward = span_of(args->reward),
						  .month = span_of(args->month), .region = span_of(args->region) };
	well = verify.store != NULL && make_pack(&evidence, args, &why);
	if (well)
		printf("%s: %zu files\n", args->out, evidence.pack.n);
	else
		fprintf(stderr, "tipctl: %s\n", why.text);
	release(&evidence);
	if (verify.store != NULL)
		pipe_free(verify.store);
	if (keys != NULL)
		keys_free(keys);
	return well ? CTL_WELL : CTL_WRONG;
}

int tipctl_export_evidence(int argc, char **argv)
{
	struct evidence_args args;
	char address[PATH_MAX];
	struct archive *archive;
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.common, usage, &status))
		return status;
	if (sodium_init() < 0 || !ctl_store_address(&args.common, args.store, address))
		return CTL_USAGE;
	archive = ctl_archive_open(&args.common, args.archive);
	if (archive == NULL)
		return CTL_USAGE;
	status = make(&args, address, archive);
	archive_free(archive);
	return status;
}

/* --- checking one ------------------------------------------------------------------------------------------ */

static int check(const char *path, const struct note_key *key)
{
	struct complaint why = { .text = "" };
	struct pack pack = { .n = 0 };
	const char *first;
	int status = CTL_WRONG;

	if (!pack_read(&pack, path, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
	} else if ((first = evidence_check(&pack, key, &why)) != NULL) {
		printf("%s: %s\n", first, why.text);
	} else {
		printf("%zu files: all fit%s\n", pack.n, key == NULL ? "; who signed is what the pack itself says" : "");
		status = CTL_WELL;
	}
	pack_release(&pack);
	return status;
}

int tipctl_export_check(int argc, char **argv)
{
	struct evidence_args args;
	struct complaint why = { .text = "" };
	struct note_key key;
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.common, usage, &status))
		return status;
	if (sodium_init() < 0)
		return CTL_USAGE;
	if (args.key != NULL && !log_key_read(args.key, &key, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_USAGE;
	}
	return check(args.check, args.key != NULL ? &key : NULL);
}
